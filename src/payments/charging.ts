import { Injectable, Logger } from '@nestjs/common';
import { Allocation } from '../allocation/allocation';
import type { ChargeResult, PaymentMade } from '../allocation/orders';
import { type Attempt, type Ended, PaymentSettings, stillToMake } from './attempt';
import { insist, reasonOf } from './insist';
import { GatewayRefusal, PaymentGateway, VoidedError } from './payment-gateway';
import { RefundsService } from './refunds.service';
import { Waiting } from './waiting';

/** What is to be charged. */
interface Bill {
  readonly amountCents: bigint;
  readonly token: string;
  readonly currency: string;
}

const SUCCEEDED: ChargeResult = { succeeded: true };
const VOIDED: ChargeResult = { succeeded: false, failureCode: 'voided' };

/** The charge, and what follows from it: once it has begun, it does not depend on the client any more. */
@Injectable()
export class Charging {
  private readonly logger = new Logger('Payments');

  constructor(
    private readonly gateway: PaymentGateway,
    private readonly allocation: Allocation,
    private readonly refunds: RefundsService,
    private readonly waiting: Waiting,
    private readonly settings: PaymentSettings,
  ) {}

  /**
   * Charges, and settles what became of it. What comes after the client has been answered is settled all the same.
   *
   * @param sinceMs from when on the lease counts, by `performance.now()`: before it was written down
   * @throws NotYetError when it is not settled while a client waits
   */
  async charge(attempt: Attempt, bill: Bill, sinceMs: number): Promise<Ended> {
    const { leaseMs } = this.settings;
    const leftMs = sinceMs + leaseMs - performance.now();
    // A process that was stopped meanwhile must not begin: others may have given the payment up.
    const work = leftMs > 0 ? this.chargeAndSettle(attempt, bill) : this.settleCalledOff(attempt);
    work.catch((error: unknown) => {
      this.warn('A payment is left to the recovery', attempt.id, error);
    });
    return this.waiting.for(work, leftMs > 0 ? leftMs : undefined);
  }

  /**
   * Finds out what became of a charge that nobody has heard of. If nothing was charged, nothing ever will be.
   *
   * @throws whatever the gateway throws that cannot tell
   */
  async callOff(id: string): Promise<ChargeResult> {
    const charge = (await this.gateway.find(id)) ?? (await this.gateway.void(id));
    return charge === undefined ? VOIDED : SUCCEEDED;
  }

  /**
   * Settles what the gateway has said, and gives back what was charged for nothing.
   *
   * @throws NotYetError
   */
  async settle(attempt: Attempt, charge: ChargeResult): Promise<PaymentMade> {
    const { leaseMs } = this.settings;
    const made = await insist(() => this.allocation.settle({ ...attempt, charge, leaseMs }));
    const refund = stillToMake(made.refund, attempt);
    if (refund !== undefined)
      await this.refunds.make(refund).catch((error: unknown) => {
        this.warn('A refund is left to the recovery', attempt.id, error);
      });
    return made;
  }

  private async chargeAndSettle(attempt: Attempt, { amountCents, token, currency }: Bill): Promise<Ended> {
    let told: string | undefined;
    const charge = await this.gateway.charge(attempt.id, amountCents, token, currency).then(
      () => SUCCEEDED,
      (error: unknown): ChargeResult | Promise<ChargeResult> => {
        if (error instanceof GatewayRefusal) {
          told = error.message;
          return { succeeded: false, failureCode: error.code };
        }
        // Somebody else found that the lease was over.
        if (error instanceof VoidedError) return VOIDED;
        this.warn('The payment gateway did not say what became of a charge', attempt.id, error);
        return this.callOff(attempt.id);
      },
    );
    return { ...(await this.settle(attempt, charge)), told };
  }

  private async settleCalledOff(attempt: Attempt): Promise<Ended> {
    return this.settle(attempt, await this.callOff(attempt.id));
  }

  private warn(sentence: string, payment: string, error: unknown): void {
    this.logger.warn({ payment, reason: reasonOf(error) }, sentence);
  }
}
