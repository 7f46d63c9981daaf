import { Injectable } from '@nestjs/common';
import { JoinedReads } from '../database/joined-reads';
import { Event } from '../events/event.resource';
import { EventsRepository } from '../events/events.repository';
import { type Compound, compound, type Included, type ListRequest, type Page } from '../json-api';
import { refusal } from '../refusals';
import type { TicketOption } from './ticket-option.resource';
import { type TicketOptionFilters, TicketOptionsRepository } from './ticket-options.repository';
import { TicketOptionsService } from './ticket-options.service';

/** What a list of the options of one event asks. */
export type OptionsOfEventRequest = ListRequest<Omit<TicketOptionFilters, 'event'>>;

/** Reads several ticket options at once, or options together with their events. */
@Injectable()
export class TicketOptionListsService {
  private readonly compounds: JoinedReads<Compound<TicketOption>>;
  private readonly pages: JoinedReads<Page<TicketOption>, ListRequest>;
  private readonly pagesOfEvents: JoinedReads<
    Page<TicketOption>,
    { event: string; request: OptionsOfEventRequest }
  >;

  constructor(
    private readonly single: TicketOptionsService,
    private readonly repository: TicketOptionsRepository,
    private readonly events: EventsRepository,
  ) {
    this.compounds = new JoinedReads(async (id) => {
      const option = await this.single.get(id);
      return compound(option, await this.eventsOf([option]));
    });
    this.pages = new JoinedReads(
      (request) => this.readPage(request),
      ({ query }) => query,
    );
    this.pagesOfEvents = new JoinedReads(
      ({ event, request }) => this.readPageOfEvent(event, request),
      ({ request }) => request.query, // which begins with the address of the event
    );
  }

  /** @returns an option, with its event. @throws Refusal not_found */
  getWithEvent(id: string): Promise<Compound<TicketOption>> {
    return this.compounds.read(id);
  }

  /** Lists all options in the order of creation. */
  list(request: ListRequest): Promise<Page<TicketOption>> {
    return this.pages.read(request);
  }

  /** Lists the options of one event. @throws Refusal not_found */
  listOfEvent(event: string, request: OptionsOfEventRequest): Promise<Page<TicketOption>> {
    return this.pagesOfEvents.read({ event, request });
  }

  private async readPage(request: ListRequest): Promise<Page<TicketOption>> {
    const page = await this.repository.list({}, request);
    return request.include.has('event') ? { ...page, included: await this.eventsOf(page.items) } : page;
  }

  private async readPageOfEvent(event: string, request: OptionsOfEventRequest): Promise<Page<TicketOption>> {
    const page = await this.repository.list({ ...request.filters, event }, request);
    // Only where there is nothing it is asked whether there could be.
    if (page.items.length === 0 && (await this.events.find(event)) === undefined)
      throw refusal('not_found', { detail: 'There is no such event.' });
    return page;
  }

  private async eventsOf(options: readonly TicketOption[]): Promise<Included> {
    const ids = options.flatMap(({ event }) => event ?? []);
    return [{ of: Event, items: await this.events.findAll([...new Set(ids)]) }];
  }
}
