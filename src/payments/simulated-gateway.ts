import { Injectable } from '@nestjs/common';
import { Batches } from '../database/batches';
import {
  CardError,
  type Charge,
  CurrencyError,
  PaymentError,
  PaymentGateway,
  VoidedError,
} from './payment-gateway';
import { type Remembered, SimulatedGatewayRepository } from './simulated-gateway.repository';

/**
 * A gateway that takes no money, and remembers as well as one that does. The token says what it makes of a charge:
 * `card_error` and `payment_error` are refused, any other is good. Charges that arrive while others are being written
 * are written together.
 */
@Injectable()
export class SimulatedGateway extends PaymentGateway {
  private readonly charges: Batches<Remembered, { key: string; amountCents: bigint }>;
  private readonly finds: Batches<Remembered>;

  constructor(private readonly repository: SimulatedGatewayRepository) {
    super();
    this.charges = new Batches(
      async (charges) => byKey(await repository.charge(charges)),
      ({ key }) => key,
    );
    this.finds = new Batches(async (keys) => byKey(await repository.find(keys)));
  }

  override async charge(key: string, amountCents: bigint, token: string, currency = 'EUR'): Promise<Charge> {
    if (token === 'card_error') throw new CardError();
    if (token === 'payment_error') throw new PaymentError();
    if (currency !== 'EUR') throw new CurrencyError(currency);
    const charge = chargeOf(await this.charges.ask({ key, amountCents }));
    if (charge === undefined) throw new VoidedError();
    return charge;
  }

  override async find(key: string): Promise<Charge | undefined> {
    return chargeOf(await this.finds.ask(key));
  }

  override async void(key: string): Promise<Charge | undefined> {
    return chargeOf(await this.repository.void(key));
  }

  override async refund(key: string, refundKey: string, amountCents: bigint): Promise<void> {
    if (!(await this.repository.refund(key, refundKey, amountCents)))
      throw new Error('There is no charge with that key to give back');
  }
}

function byKey(all: readonly Remembered[]): Map<string, Remembered> {
  return new Map(all.map((each) => [each.key, each]));
}

function chargeOf(remembered: Remembered | undefined): Charge | undefined {
  if (remembered === undefined || remembered.voided) return undefined;
  const { amountCents, currency } = remembered;
  return { amountCents, currency };
}
