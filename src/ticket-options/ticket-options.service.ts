import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Allocation } from '../allocation/allocation';
import type { Refused, RequestKey } from '../allocation/orders';
import { JoinedReads } from '../database/joined-reads';
import { IdempotencyService } from '../idempotency/idempotency.service';
import { type ChangeManner, type KeyOfRequest, ownKey } from '../idempotency/request-key';
import { newId } from '../ids';
import { isUuid, type Versions } from '../json-api';
import { EventsRepository } from '../events/events.repository';
import { type Located, madeOf } from '../outcomes';
import { refusal } from '../refusals';
import type { NewTicketOption, TicketOption, TicketOptionChange } from './ticket-option.resource';
import { TicketOptionsRepository } from './ticket-options.repository';

/** Events of options that are remembered in the process; some 200 bytes each. */
const REMEMBERED_EVENTS = 50_000;
/** How often it is tried to add an option to an event that others are changing. */
const ATTEMPTS = 5;

const AT_EVENT = { pointer: '/data/relationships/event/data/id' };
const AT_ALLOCATION = { pointer: '/data/attributes/allocation' };

/** Creates, reads and changes single ticket options. */
@Injectable()
export class TicketOptionsService {
  /** Which event an option belongs to never changes, so this is no cache that could be out of date. */
  private readonly eventsOfOptions = new LRUCache<string, string>({ max: REMEMBERED_EVENTS });
  /** Nor does its number. */
  private readonly idsOfNumbers = new LRUCache<number, string>({ max: REMEMBERED_EVENTS });
  private readonly numberReads: JoinedReads<string | undefined>;
  private readonly reads: JoinedReads<TicketOption | undefined>;
  private readonly eventReads: JoinedReads<string | undefined>;

  constructor(
    private readonly repository: TicketOptionsRepository,
    private readonly events: EventsRepository,
    private readonly allocation: Allocation,
    private readonly idempotency: IdempotencyService,
  ) {
    this.reads = new JoinedReads((id) => this.read(id));
    this.numberReads = new JoinedReads((number) => this.repository.findIdOfNumber(Number(number)));
    this.eventReads = new JoinedReads((id) => this.repository.findEvent(id));
  }

  /**
   * Creates an option, and an event of its own when none is given.
   *
   * @throws Refusal not_found for the event, event_cancelled
   */
  create(option: NewTicketOption, key?: KeyOfRequest): Promise<TicketOption> {
    return this.idempotency.once(key, {
      first: () => this.insert(option, key),
      again: (id) => this.get(id),
      locate,
    });
  }

  private async insert(option: NewTicketOption, key?: RequestKey): Promise<TicketOption> {
    const id = newId();
    if (option.event !== null) return this.addTo(option.event, id, option, key);
    const created = await this.repository.insertWithEvent(id, newId(), option, key);
    if (created === undefined) throw new Error('an option was inserted, but not told');
    return created;
  }

  /** @throws Refusal not_found */
  async get(id: string): Promise<TicketOption> {
    const option = await this.reads.read(id);
    if (option === undefined) throw noSuchOption();
    return option;
  }

  /** @throws Refusal not_found, precondition_failed, invalid_attribute, allocation_below_committed */
  change(id: string, changes: TicketOptionChange, given: ChangeManner = {}): Promise<TicketOption> {
    const key = given.key ?? ownKey();
    const manner = { ...given, key };
    return this.idempotency.once(key, {
      first: async () => {
        const eventId = await this.eventOf(id);
        if (eventId === undefined) throw noSuchOption();
        madeOf(await this.allocation.changeOption(eventId, id, changes, manner), locate);
        return this.get(id);
      },
      again: () => this.get(id),
      locate,
    });
  }

  /** @throws Refusal not_found, precondition_failed, ticket_option_in_use */
  async remove(id: string, onlyIf?: Versions): Promise<void> {
    const eventId = await this.eventOf(id);
    if (eventId === undefined) throw noSuchOption();
    madeOf(await this.allocation.removeOption(eventId, id, { onlyIf }), locate);
  }

  /** @returns the id of the option with a number. @throws Refusal not_found */
  async idOfNumber(number: number): Promise<string> {
    const id = this.idsOfNumbers.get(number) ?? (await this.numberReads.read(String(number)));
    if (id === undefined) throw noSuchOption();
    this.idsOfNumbers.set(number, id);
    return id;
  }

  /** @returns the event of an option if the process knows it, without asking the database. */
  knownEventOf(id: string): string | undefined {
    return this.eventsOfOptions.get(id);
  }

  /** @returns the event of an option, or nothing when there is no such option. */
  async eventOf(id: string): Promise<string | undefined> {
    const eventId = this.eventsOfOptions.get(id) ?? (await this.eventReads.read(id));
    if (eventId !== undefined) this.eventsOfOptions.set(id, eventId);
    return eventId;
  }

  private async addTo(
    eventId: string,
    id: string,
    option: NewTicketOption,
    key?: RequestKey,
  ): Promise<TicketOption> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const created = isUuid(eventId)
        ? await this.repository.insertForEvent(id, eventId, option, key)
        : undefined;
      if (created !== undefined) return created;
      const event = isUuid(eventId) ? await this.events.find(eventId) : undefined;
      if (event === undefined)
        throw refusal('not_found', { detail: 'There is no such event.', source: AT_EVENT });
      if (event.status === 'cancelled') throw refusal('event_cancelled', { source: AT_EVENT });
    }
    throw refusal('overloaded');
  }

  private async read(id: string): Promise<TicketOption | undefined> {
    const eventId = await this.eventOf(id);
    return eventId === undefined ? undefined : this.repository.find(id, eventId);
  }
}

function noSuchOption(): Error {
  return refusal('not_found', { detail: 'There is no such ticket option.' });
}

function locate({ code }: Refused): Located {
  if (code === 'not_found') return { detail: 'There is no such ticket option.' };
  if (code === 'precondition_failed') return { source: { header: 'If-Match' } };
  return code === 'allocation_below_committed' ? { source: AT_ALLOCATION } : {};
}
