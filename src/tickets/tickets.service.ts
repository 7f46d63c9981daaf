import { Injectable } from '@nestjs/common';
import { type Compound, compound, type Included, type ListRequest, type Page } from '../json-api';
import { Purchase } from '../purchases/purchase.resource';
import { PurchasesService } from '../purchases/purchases.service';
import { refusal } from '../refusals';
import { TicketOption } from '../ticket-options/ticket-option.resource';
import { TicketOptionsService } from '../ticket-options/ticket-options.service';
import { type Ticket, ticketOf } from './ticket.resource';

export type TicketsRequest = ListRequest<object, 'number'>;

/** Works tickets out from their purchase, as many as are asked for: it may have thousands of millions. */
@Injectable()
export class TicketsService {
  constructor(
    private readonly purchases: PurchasesService,
    private readonly ticketOptions: TicketOptionsService,
  ) {}

  /** @throws Refusal not_found */
  async get(
    purchaseId: string,
    number: number,
    include: ReadonlySet<string>,
  ): Promise<Ticket | Compound<Ticket>> {
    const purchase = await this.purchases.get(purchaseId);
    if (number > countOf(purchase))
      throw refusal('not_found', { detail: 'The purchase has no ticket of that number.' });
    const ticket = ticketOf(purchase, number);
    return include.size === 0 ? ticket : compound(ticket, await this.including(include, purchase));
  }

  /** Lists the tickets of a purchase by their numbers. @throws Refusal not_found */
  async list(purchaseId: string, request: TicketsRequest): Promise<Page<Ticket>> {
    const purchase = await this.purchases.get(purchaseId);
    const { first, count, hasMore } = cutOut(countOf(purchase), request);
    const items = Array.from({ length: count }, (_, index) => ticketOf(purchase, first + index));
    if (request.include.size === 0 || count === 0) return { items, hasMore };
    return { items, hasMore, included: await this.including(request.include, purchase) };
  }

  private async including(include: ReadonlySet<string>, purchase: Purchase): Promise<Included> {
    const included: Included[number][] = [];
    if (include.has('purchase')) included.push({ of: Purchase, items: [purchase] });
    if (include.has('ticket_option')) {
      const option = await this.ticketOptions.get(purchase.ticketOption);
      included.push({ of: TicketOption, items: [option] });
    }
    return included;
  }
}

/** Whoever gave a purchase back has no tickets any more. */
function countOf({ status, quantity }: Purchase): number {
  return status === 'refunded' ? 0 : quantity;
}

/** @returns which of the numbers 1 to `total` are on a page, and whether there are more in the direction of reading. */
function cutOut(
  total: number,
  { size, after, before }: TicketsRequest,
): { first: number; count: number; hasMore: boolean } {
  if (before !== undefined) {
    const last = Math.min(Number(before[0]) - 1, total);
    const first = Math.max(last - size + 1, 1);
    return { first, count: last - first + 1, hasMore: first > 1 };
  }
  const first = Math.min(Number(after?.[0] ?? 0), total) + 1;
  const last = Math.min(first + size - 1, total);
  return { first, count: last - first + 1, hasMore: last < total };
}
