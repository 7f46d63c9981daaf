import { Injectable } from '@nestjs/common';
import { Allocation } from '../allocation/allocation';
import type { Caller } from '../allocation/lanes';
import type { RequestKey } from '../allocation/orders';
import { Batches } from '../database/batches';
import { JoinedReads } from '../database/joined-reads';
import { IdempotencyService } from '../idempotency/idempotency.service';
import type { KeyOfRequest } from '../idempotency/request-key';
import { type Compound, compound, type Included, isUuid } from '../json-api';
import { madeOf } from '../outcomes';
import { Purchase, purchased } from '../purchases/purchase.resource';
import { PurchasesRepository } from '../purchases/purchases.repository';
import { refusal } from '../refusals';
import { Reservation } from '../reservations/reservation.resource';
import { ReservationsRepository } from '../reservations/reservations.repository';
import { type Attempt, attemptTo, type Ended, PaymentSettings } from './attempt';
import { Charging } from './charging';
import { type NewPayment, type Payment, shown } from './payment.resource';
import { notConfirmed, placeInPayment, refusalOfPayment, tokenMissing } from './payment-refusals';
import { type Payable, PaymentsRepository } from './payments.repository';

/** Pays reservations, and reads payments. */
@Injectable()
export class PaymentsService {
  private readonly payables: Batches<Payable>;
  private readonly reads: JoinedReads<Payment | undefined>;

  constructor(
    private readonly repository: PaymentsRepository,
    private readonly purchases: PurchasesRepository,
    private readonly reservations: ReservationsRepository,
    private readonly allocation: Allocation,
    private readonly charging: Charging,
    private readonly settings: PaymentSettings,
    private readonly idempotency: IdempotencyService,
  ) {
    this.payables = new Batches(
      async (ids) => new Map((await repository.findPayable(ids)).map((each) => [each.id, each])),
    );
    this.reads = new JoinedReads((id) => this.read(id));
  }

  /**
   * Pays a reservation. The charge is made outside of any transaction: before it, the reservation is set to be paid,
   * and after it what became of it is settled.
   *
   * @param caller the client's socket, so that nothing begins for somebody who has hung up
   * @returns the payment together with what was bought
   * @throws Refusal not_found, invalid_attribute, event_cancelled, reservation_expired, reservation_cancelled,
   *   reservation_paid, reservation_in_payment, card_error, payment_error, currency_error, overloaded,
   *   database_unavailable, outcome_unknown
   */
  pay(wanted: NewPayment, caller: Caller, key?: KeyOfRequest): Promise<Compound<Payment>> {
    return this.idempotency.once(key, {
      first: () => this.payNow(wanted, caller, key),
      again: (id) => this.payAgain(id, key),
      locate: placeInPayment,
    });
  }

  private async payNow(
    wanted: NewPayment,
    caller: Caller,
    key: RequestKey | undefined,
  ): Promise<Compound<Payment>> {
    const payable = isUuid(wanted.reservation) ? await this.payables.ask(wanted.reservation) : undefined;
    if (payable === undefined) return madeOf({ refused: [{ code: 'not_found' }] }, placeInPayment);
    if (payable.hasPrice && wanted.token === null) throw tokenMissing(wanted);
    const ended = await this.attempt(attemptTo(payable), { ...wanted, key }, caller);
    const refused = refusalOfPayment(ended);
    if (refused !== undefined) throw refused;
    return this.bought(ended).catch(() => {
      // It is paid; only what was bought could not be read.
      throw notConfirmed(ended.payment);
    });
  }

  /** @throws Refusal not_found */
  async get(id: string): Promise<Payment> {
    const payment = await this.reads.read(id);
    if (payment === undefined) throw refusal('not_found', { detail: 'There is no such payment.' });
    return payment;
  }

  /** @throws Refusal not_found */
  async getWith(id: string, include: ReadonlySet<string>): Promise<Compound<Payment>> {
    const payment = await this.get(id);
    const included: Included[number][] = [];
    if (include.has('reservation')) {
      const reservation = await this.reservations.find(payment.reservation);
      if (reservation !== undefined) included.push({ of: Reservation, items: [reservation] });
    }
    if (include.has('purchases')) {
      const ids = payment.purchases.map((purchase) => purchase.id);
      included.push({ of: Purchase, items: await this.purchases.findAll(ids) });
    }
    return compound(payment, included);
  }

  /** What became of the attempt that was made with the same key. */
  private async payAgain(id: string, key: KeyOfRequest | undefined): Promise<Compound<Payment>> {
    const found = await this.repository.find(id);
    if (found === undefined) throw refusal('not_found', { detail: 'There is no such payment.' });
    if (found.payment.status === 'pending') {
      throw refusal('idempotency_key_in_flight', {
        source: { header: 'Idempotency-Key' },
        meta: { payment_id: id },
      });
    }
    const refused = refusalOfPayment({ payment: found.payment, purchases: [] });
    if (refused !== undefined) {
      key?.markReplayed();
      throw refused;
    }
    return this.getWith(id, new Set(['purchases']));
  }

  /** Begins the payment, and unless it costs nothing charges it. */
  private async attempt(
    attempt: Attempt,
    { token, currency, key }: NewPayment & { readonly key: RequestKey | undefined },
    caller: Caller,
  ): Promise<Ended> {
    const sinceMs = performance.now();
    const { leaseMs } = this.settings;
    const order = { ...attempt, currency: currency ?? 'EUR', leaseMs, key };
    const made = madeOf(await this.allocation.pay(order, caller), placeInPayment);
    const { status, amountCents } = made.payment;
    if (status !== 'pending') return made;
    const bill = { amountCents, token: token ?? '', currency: order.currency };
    try {
      return await this.charging.charge(attempt, bill, sinceMs);
    } catch {
      // Why is in the log. For the client it is open, whichever way the answer was lost.
      throw notConfirmed(attempt);
    }
  }

  /** When somebody else has settled it, what was bought has to be read. */
  private async bought({ payment, purchases }: Ended): Promise<Compound<Payment>> {
    if (purchases.length > 0) {
      const ids = purchases.map(({ id }) => id);
      return compound(shown(payment, ids), [{ of: Purchase, items: purchases.map(purchased) }]);
    }
    return this.getWith(payment.id, new Set(['purchases']));
  }

  private async read(id: string): Promise<Payment | undefined> {
    const found = await this.repository.find(id);
    return found && shown(found.payment, found.purchaseIds);
  }
}
