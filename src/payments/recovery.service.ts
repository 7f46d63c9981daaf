import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { PaymentState } from '../allocation/orders';
import { Connections } from '../database/connections';
import { Meters } from '../metrics/meters';
import { Refusal } from '../refusals';
import { attemptTo, type BegunRefund, PaymentSettings } from './attempt';
import { Charging } from './charging';
import { reasonOf, within } from './insist';
import { PaymentGateway } from './payment-gateway';
import { type DuePayment, RecoveryRepository } from './recovery.repository';
import { RefundsService } from './refunds.service';

/** Often, and few at a time: those who read and pay meanwhile use the same connections. */
const INTERVAL_MS = 200;
/** Payments and refunds that one instance looks after at the same time. */
const MOST = 50;

/**
 * Looks after payments and refunds whose lease has run out, since their process died or heard nothing: money is never
 * lost. Every instance does so; which of them looks after a row is decided by who moves its `check_at`.
 */
@Injectable()
export class RecoveryService implements OnApplicationBootstrap {
  private readonly logger = new Logger('Recovery');
  private isLooking = false;
  private atWork = 0;

  constructor(
    private readonly repository: RecoveryRepository,
    private readonly gateway: PaymentGateway,
    private readonly charging: Charging,
    private readonly refunds: RefundsService,
    private readonly connections: Connections,
    private readonly scheduler: SchedulerRegistry,
    private readonly settings: PaymentSettings,
    private readonly meters: Meters,
  ) {}

  onApplicationBootstrap(): void {
    // The registry ends the interval when the application closes.
    const interval = setInterval(() => void this.look(), INTERVAL_MS);
    this.scheduler.addInterval('payment recovery', interval);
  }

  /** Starts to look after whatever is due, and does not wait until it is done. */
  private async look(): Promise<void> {
    if (this.isLooking || !this.connections.isOpen) return;
    this.isLooking = true;
    try {
      for (const payment of await this.repository.findDuePayments(MOST - this.atWork))
        void this.work('payment', payment.id, () => this.recoverPayment(payment));
      for (const refund of await this.repository.findDueRefunds(MOST - this.atWork))
        void this.work('refund', refund.id, () => this.recoverRefund(refund));
    } catch (error) {
      if (!(error instanceof Refusal)) this.logger.error(error);
    } finally {
      this.isLooking = false;
    }
  }

  /** Whatever fails here is tried again when its next lease has run out. */
  private async work(subject: 'payment' | 'refund', id: string, recover: () => Promise<void>): Promise<void> {
    this.atWork += 1;
    try {
      // A gateway that never answers must not keep the others waiting.
      await within(this.settings.leaseMs, recover());
    } catch (error) {
      this.meters.recovered.inc({ subject, outcome: 'failed' });
      this.logger.warn(
        { [subject]: id, reason: reasonOf(error) },
        'It could not be recovered yet, and is tried again',
      );
    } finally {
      this.atWork -= 1;
    }
  }

  private async recoverPayment(due: DuePayment): Promise<void> {
    if (!(await this.repository.claimPayment(due, this.settings.leaseMs))) return;
    const attempt = attemptTo({ ...due, id: due.reservationId }, due.id);
    if (due.isPending) {
      const { payment } = await this.charging.settle(attempt, await this.charging.callOff(due.id));
      this.tell(payment);
    } else if ((await this.gateway.find(due.id)) !== undefined) {
      // It was called off, and charged all the same: settling sends the money back.
      const { payment } = await this.charging.settle(attempt, { succeeded: true });
      this.tell(payment);
    } else {
      await this.repository.putOff(due);
      this.meters.recovered.inc({ subject: 'payment', outcome: 'put_off' });
    }
  }

  private async recoverRefund(due: BegunRefund): Promise<void> {
    if (!(await this.repository.claimRefund(due, this.settings.leaseMs))) return;
    await this.refunds.make(due);
    this.meters.recovered.inc({ subject: 'refund', outcome: 'recovered' });
    this.logger.log({ refund: due.id, payment: due.paymentId }, 'Recovered a refund');
  }

  private tell({ id, status, failureCode }: PaymentState): void {
    this.meters.recovered.inc({ subject: 'payment', outcome: 'recovered' });
    this.logger.log({ payment: id, status, failureCode }, 'Recovered a payment');
  }
}
