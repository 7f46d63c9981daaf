import { Injectable } from '@nestjs/common';
import { Allocation } from '../allocation/allocation';
import type { Caller } from '../allocation/lanes';
import { JoinedReads } from '../database/joined-reads';
import { newId } from '../ids';
import { isUuid } from '../json-api';
import { type Problem, type ProblemSource, refusal, Refusal, type RefusalCode } from '../refusals';
import { TicketOptionsService } from '../ticket-options/ticket-options.service';
import { completed, type NewPurchase, type Purchase } from './purchase.resource';
import { PurchasesRepository } from './purchases.repository';

const AT_QUANTITY = { pointer: '/data/attributes/quantity' };
const AT_OPTION = { pointer: '/data/relationships/ticket_option/data/id' };

/** The place in a purchase document that each refusal of the allocation is about. */
const SOURCES: Partial<Record<RefusalCode, ProblemSource>> = {
  not_found: AT_OPTION,
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

  constructor(
    private readonly allocation: Allocation,
    private readonly ticketOptions: TicketOptionsService,
    repository: PurchasesRepository,
  ) {
    this.reads = new JoinedReads((id) => repository.find(id));
  }

  /**
   * Buys tickets of an option without a price: all of them or none.
   *
   * @param caller the client's socket, so that nothing is bought for somebody who has hung up
   * @throws Refusal not_found, sales_not_started, sales_ended, payment_required, order_limit_exceeded,
   *   user_limit_exceeded, invalid_purchase_quantity, overloaded, database_unavailable, outcome_unknown
   */
  async buy({ ticketOption, user, quantity }: NewPurchase, caller: Caller): Promise<Purchase> {
    // Asking only when it is not known saves each purchase of a hot option a turn of the event loop.
    const eventId = this.ticketOptions.knownEventOf(ticketOption) ?? (await this.eventOf(ticketOption));
    const id = newId();
    const { made, refused, cause } = await this.allocation.buy(
      { id, eventId, ticketOptionId: ticketOption, userId: user, quantity },
      caller,
    );
    if (cause !== undefined) throw cause; // a bug: the filter logs it with the id of its request
    if (refused) throw new Refusal([located(refused)]);
    return completed({ id, quantity, ...made, ticketOption, user });
  }

  /** @throws Refusal not_found */
  async get(id: string): Promise<Purchase> {
    const purchase = await this.reads.read(id);
    if (purchase === undefined) throw refusal('not_found', { detail: 'There is no such purchase.' });
    return purchase;
  }

  private async eventOf(ticketOption: string): Promise<string> {
    const eventId = isUuid(ticketOption) ? await this.ticketOptions.eventOf(ticketOption) : undefined;
    if (eventId === undefined) throw new Refusal([located({ code: 'not_found' })]);
    return eventId;
  }
}

function located(problem: Problem): Problem {
  const source = SOURCES[problem.code];
  const detail = problem.code === 'not_found' ? 'There is no such ticket option.' : problem.detail;
  return { ...problem, ...(detail !== undefined && { detail }), ...(source !== undefined && { source }) };
}
