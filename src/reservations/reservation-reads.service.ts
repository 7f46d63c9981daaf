import { Injectable } from '@nestjs/common';
import { JoinedReads } from '../database/joined-reads';
import { Event } from '../events/event.resource';
import { EventsRepository } from '../events/events.repository';
import { type Compound, compound, type Included, type ListRequest, type Page } from '../json-api';
import { Purchase } from '../purchases/purchase.resource';
import { PurchasesRepository } from '../purchases/purchases.repository';
import { refusal } from '../refusals';
import { TicketOption } from '../ticket-options/ticket-option.resource';
import { TicketOptionsRepository } from '../ticket-options/ticket-options.repository';
import type { ReservationFilters } from './list-reservations';
import type { Reservation } from './reservation.resource';
import { ReservationsRepository } from './reservations.repository';

export type ReservationsRequest = ListRequest<ReservationFilters>;

/** A reservation, and which of its relationships shall come along. */
interface Wanted {
  readonly id: string;
  readonly include: ReadonlySet<string>;
}

/** Reads reservations, if need be together with what they are of or have become. */
@Injectable()
export class ReservationReadsService {
  private readonly reads: JoinedReads<Reservation | undefined>;
  private readonly compounds: JoinedReads<Compound<Reservation>, Wanted>;
  private readonly pages: JoinedReads<Page<Reservation>, ReservationsRequest>;

  constructor(
    private readonly repository: ReservationsRepository,
    private readonly ticketOptions: TicketOptionsRepository,
    private readonly events: EventsRepository,
    private readonly purchases: PurchasesRepository,
  ) {
    this.reads = new JoinedReads((id) => this.repository.find(id));
    this.compounds = new JoinedReads(
      async ({ id, include }) => {
        const reservation = await this.get(id);
        return compound(reservation, await this.including(include, [reservation]));
      },
      ({ id, include }) => [id, ...[...include].sort()].join(),
    );
    this.pages = new JoinedReads(
      (request) => this.readPage(request),
      ({ query }) => query,
    );
  }

  /** @throws Refusal not_found */
  async get(id: string): Promise<Reservation> {
    const reservation = await this.reads.read(id);
    if (reservation === undefined) throw refusal('not_found', { detail: 'There is no such reservation.' });
    return reservation;
  }

  /** @throws Refusal not_found */
  getWith(id: string, include: ReadonlySet<string>): Promise<Compound<Reservation>> {
    return this.compounds.read({ id, include });
  }

  /** Lists reservations in the order in which they were made. */
  list(request: ReservationsRequest): Promise<Page<Reservation>> {
    return this.pages.read(request);
  }

  private async readPage(request: ReservationsRequest): Promise<Page<Reservation>> {
    const page = await this.repository.list(request.filters, request);
    if (request.include.size === 0) return page;
    return { ...page, included: await this.including(request.include, page.items) };
  }

  private async including(
    include: ReadonlySet<string>,
    reservations: readonly Reservation[],
  ): Promise<Included> {
    const included: Included[number][] = [];
    if (include.has('ticket_options')) {
      const ids = reservations.flatMap(({ ticketOptions }) => ticketOptions?.map(({ id }) => id) ?? []);
      included.push({ of: TicketOption, items: await this.ticketOptions.findAll([...new Set(ids)]) });
    }
    if (include.has('event')) {
      const ids = reservations.map(({ event }) => event);
      included.push({ of: Event, items: await this.events.findAll([...new Set(ids)]) });
    }
    if (include.has('purchases')) {
      const ids = reservations.flatMap(({ purchases }) => purchases.map(({ id }) => id));
      included.push({ of: Purchase, items: await this.purchases.findAll(ids) });
    }
    return included;
  }
}
