import { Injectable } from '@nestjs/common';
import { Allocation } from '../allocation/allocation';
import type { Refused } from '../allocation/orders';
import { JoinedReads } from '../database/joined-reads';
import { IdempotencyService } from '../idempotency/idempotency.service';
import { type ChangeManner, type KeyOfRequest, ownKey } from '../idempotency/request-key';
import { newId } from '../ids';
import {
  type Compound,
  compound,
  type Included,
  type ListRequest,
  type Page,
  type Versions,
} from '../json-api';
import { type Located, madeOf } from '../outcomes';
import { refusal } from '../refusals';
import { TicketOption } from '../ticket-options/ticket-option.resource';
import { TicketOptionsRepository } from '../ticket-options/ticket-options.repository';
import type { Event, EventChange, NewEvent } from './event.resource';
import { type EventFilters, type EventSort, EventsRepository } from './events.repository';

export type EventsRequest = ListRequest<EventFilters, EventSort>;

/** Creates, reads and changes events. */
@Injectable()
export class EventsService {
  private readonly reads: JoinedReads<Event | undefined>;
  private readonly compounds: JoinedReads<Compound<Event>>;
  private readonly pages: JoinedReads<Page<Event>, EventsRequest>;

  constructor(
    private readonly repository: EventsRepository,
    private readonly ticketOptions: TicketOptionsRepository,
    private readonly allocation: Allocation,
    private readonly idempotency: IdempotencyService,
  ) {
    this.reads = new JoinedReads((id) => this.repository.find(id));
    this.compounds = new JoinedReads((id) => this.readWithOptions(id));
    this.pages = new JoinedReads(
      (request) => this.readPage(request),
      ({ query }) => query,
    );
  }

  /** @param key lets it be created once. @throws Refusal idempotency_key_reused, idempotency_key_in_flight */
  create(event: NewEvent, key?: KeyOfRequest): Promise<Event> {
    return this.idempotency.once(key, {
      first: () => this.repository.insert(newId(), event, key),
      again: (id) => this.get(id),
      locate,
    });
  }

  /** @throws Refusal not_found */
  async get(id: string): Promise<Event> {
    const event = await this.reads.read(id);
    if (event === undefined) throw noSuchEvent();
    return event;
  }

  /** @returns an event, with its ticket options. @throws Refusal not_found */
  getWithOptions(id: string): Promise<Compound<Event>> {
    return this.compounds.read(id);
  }

  list(request: EventsRequest): Promise<Page<Event>> {
    return this.pages.read(request);
  }

  /**
   * Changes an event, or cancels it.
   *
   * @throws Refusal not_found, precondition_failed, invalid_attribute, event_cancelled
   */
  change(id: string, { startsAt, ...others }: EventChange, given: ChangeManner = {}): Promise<Event> {
    const key = given.key ?? ownKey();
    const manner = { ...given, key };
    const changes = startsAt instanceof Date ? { ...others, startsAt } : others;
    return this.idempotency.once(key, {
      first: async () => {
        madeOf(await this.allocation.changeEvent(id, changes, manner), locate);
        return this.get(id);
      },
      again: () => this.get(id),
      locate,
    });
  }

  /** @throws Refusal not_found, precondition_failed, event_in_use */
  async remove(id: string, onlyIf?: Versions): Promise<void> {
    madeOf(await this.allocation.removeEvent(id, { onlyIf }), locate);
  }

  private async readWithOptions(id: string): Promise<Compound<Event>> {
    const { items, included } = await this.withOptions([await this.get(id)]);
    const [event] = items;
    if (event === undefined) throw noSuchEvent();
    return compound(event, included);
  }

  private async readPage(request: EventsRequest): Promise<Page<Event>> {
    const page = await this.repository.list(request.filters, request.sort, request);
    if (!request.include.has('ticket_options')) return page;
    return { hasMore: page.hasMore, ...(await this.withOptions(page.items)) };
  }

  private async withOptions(events: readonly Event[]): Promise<{ items: Event[]; included: Included }> {
    const options = await this.ticketOptions.findOfEvents(events.map(({ id }) => id));
    const byEvent = new Map(events.map(({ id }) => [id, new Array<TicketOption>()]));
    for (const option of options) byEvent.get(option.event ?? '')?.push(option);
    const items = events.map((event) => Object.assign({ ticketOptions: byEvent.get(event.id) }, event));
    return { items, included: [{ of: TicketOption, items: options }] };
  }
}

function noSuchEvent(): Error {
  return refusal('not_found', { detail: 'There is no such event.' });
}

function locate({ code }: Refused): Located {
  if (code === 'not_found') return { detail: 'There is no such event.' };
  if (code === 'precondition_failed') return { source: { header: 'If-Match' } };
  return code === 'event_cancelled' ? { source: { pointer: '/data/attributes/status' } } : {};
}
