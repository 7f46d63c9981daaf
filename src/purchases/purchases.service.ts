import { Injectable } from '@nestjs/common';
import { Allocation } from '../allocation/allocation';
import type { Caller } from '../allocation/lanes';
import type { Refused, RequestKey } from '../allocation/orders';
import { JoinedReads } from '../database/joined-reads';
import { IdempotencyService } from '../idempotency/idempotency.service';
import type { KeyOfRequest } from '../idempotency/request-key';
import { newId } from '../ids';
import { isUuid, type ListRequest, type Page } from '../json-api';
import { type Located, madeOf } from '../outcomes';
import { refusal, type RefusalCode } from '../refusals';
import { TicketOptionsService } from '../ticket-options/ticket-options.service';
import { completed, type NewPurchase, type Purchase } from './purchase.resource';
import { type PurchaseFilters, PurchasesRepository } from './purchases.repository';

export type PurchasesRequest = ListRequest<PurchaseFilters>;

const AT_QUANTITY = { source: { pointer: '/data/attributes/quantity' } };
const AT_OPTION = { source: { pointer: '/data/relationships/ticket_option/data/id' } };

/** The place in a purchase document that each refusal of the allocation is about. */
const PLACES: Partial<Record<RefusalCode, Located>> = {
  not_found: { ...AT_OPTION, detail: 'There is no such ticket option.' },
  event_cancelled: AT_OPTION,
  sales_not_started: AT_OPTION,
  sales_ended: AT_OPTION,
  payment_required: AT_OPTION,
  order_limit_exceeded: AT_QUANTITY,
  user_limit_exceeded: AT_QUANTITY,
  invalid_purchase_quantity: AT_QUANTITY,
};

/** Buys and reads purchases. */
@Injectable()
export class PurchasesService {
  private readonly reads: JoinedReads<Purchase | undefined>;
  private readonly pages: JoinedReads<Page<Purchase>, PurchasesRequest>;

  constructor(
    private readonly allocation: Allocation,
    private readonly ticketOptions: TicketOptionsService,
    private readonly idempotency: IdempotencyService,
    repository: PurchasesRepository,
  ) {
    this.reads = new JoinedReads((id) => repository.find(id));
    this.pages = new JoinedReads<Page<Purchase>, PurchasesRequest>(
      (request) => repository.list(request.filters, request),
      ({ query }) => query,
    );
  }

  /**
   * Buys tickets of an option without a price: all of them or none.
   *
   * @param caller the client's socket, so that nothing is bought for somebody who has hung up
   * @param key lets it be bought once, however often the request is sent
   * @throws Refusal not_found, event_cancelled, sales_not_started, sales_ended, payment_required,
   *   order_limit_exceeded, user_limit_exceeded, invalid_purchase_quantity, overloaded, database_unavailable, outcome_unknown
   */
  buy(wanted: NewPurchase, caller: Caller, key?: KeyOfRequest): Promise<Purchase> {
    return this.idempotency.once(key, {
      first: () => this.buyNow(wanted, caller, key),
      again: (id) => this.get(id),
      locate,
      recognises: this.ticketOptions.knownEventOf(wanted.ticketOption) !== undefined,
    });
  }

  private async buyNow(
    { ticketOption, user, quantity }: NewPurchase,
    caller: Caller,
    key: RequestKey | undefined,
  ): Promise<Purchase> {
    // Asking only when it is not known saves each purchase of a hot option a turn of the event loop.
    const eventId = this.ticketOptions.knownEventOf(ticketOption) ?? (await this.eventOf(ticketOption));
    const id = newId();
    const items = [{ ticketOptionId: ticketOption, quantity }];
    const order = { id, eventId, userId: user, items, key };
    const made = madeOf(await this.allocation.buy(order, caller), locate);
    return completed({ id, quantity, ...made, ticketOption, user });
  }

  /** @throws Refusal not_found */
  async get(id: string): Promise<Purchase> {
    const purchase = await this.reads.read(id);
    if (purchase === undefined) throw refusal('not_found', { detail: 'There is no such purchase.' });
    return purchase;
  }

  /** Lists purchases in the order in which they were made. */
  list(request: PurchasesRequest): Promise<Page<Purchase>> {
    return this.pages.read(request);
  }

  private async eventOf(ticketOption: string): Promise<string> {
    const eventId = isUuid(ticketOption) ? await this.ticketOptions.eventOf(ticketOption) : undefined;
    return eventId ?? madeOf({ refused: [{ code: 'not_found' }] }, locate);
  }
}

function locate({ code }: Refused): Located {
  return PLACES[code] ?? {};
}
