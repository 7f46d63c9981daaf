import { Controller } from '@nestjs/common';
import { byBuyerOrManager, inAddress } from '../auth/access';
import {
  type Compound,
  FetchResource,
  Include,
  Listing,
  ListResources,
  type Page,
  PathNumber,
  ResourceId,
} from '../json-api';
import { Purchase } from '../purchases/purchase.resource';
import { Ticket } from './ticket.resource';
import { type TicketsRequest, TicketsService } from './tickets.service';

/** `/purchases/:id/tickets`: the single admissions that a purchase is good for. */
@Controller('purchases')
export class TicketsController {
  constructor(private readonly tickets: TicketsService) {}

  @ListResources(Ticket, {
    of: Purchase,
    order: ['number'],
    summary: 'List the tickets of a purchase',
    access: byBuyerOrManager(inAddress('purchases')),
    description: 'By their numbers. A refunded purchase has none any more.',
    include: ['purchase', 'ticket_option'],
  })
  list(@ResourceId() purchase: string, @Listing() request: TicketsRequest): Promise<Page<Ticket>> {
    return this.tickets.list(purchase, request);
  }

  @FetchResource(Ticket, {
    at: ':id/tickets/:number',
    summary: 'Read a ticket',
    access: byBuyerOrManager(inAddress('purchases')),
    description: 'One that a purchase has, by its number. A refunded purchase has none any more.',
    include: ['purchase', 'ticket_option'],
  })
  find(
    @ResourceId() purchase: string,
    @PathNumber('number') number: number,
    @Include() include: ReadonlySet<string>,
  ): Promise<Ticket | Compound<Ticket>> {
    return this.tickets.get(purchase, number, include);
  }
}
