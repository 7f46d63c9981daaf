import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { JoinedReads } from '../database/joined-reads';
import { newId } from '../ids';
import { isUuid } from '../json-api';
import { refusal } from '../refusals';
import type { NewTicketOption, TicketOption } from './ticket-option.resource';
import { TicketOptionsRepository } from './ticket-options.repository';

/** Events of options that are remembered in the process; some 200 bytes each. */
const REMEMBERED_EVENTS = 50_000;

/** Creates and reads ticket options. */
@Injectable()
export class TicketOptionsService {
  /** Which event an option belongs to never changes, so this is no cache that could be out of date. */
  private readonly events = new LRUCache<string, string>({ max: REMEMBERED_EVENTS });
  private readonly reads: JoinedReads<TicketOption | undefined>;
  private readonly eventReads: JoinedReads<string | undefined>;

  constructor(private readonly repository: TicketOptionsRepository) {
    this.reads = new JoinedReads((id) => this.read(id));
    this.eventReads = new JoinedReads((id) => this.repository.findEvent(id));
  }

  /**
   * Creates an option, and an event of its own when none is given.
   *
   * @throws Refusal not_found for the event
   */
  async create(option: NewTicketOption): Promise<TicketOption> {
    const id = newId();
    const created =
      option.event === null
        ? await this.repository.insertWithEvent(id, newId(), option)
        : isUuid(option.event)
          ? await this.repository.insertForEvent(id, option.event, option)
          : undefined;
    if (created !== undefined) return created;
    throw refusal('not_found', {
      detail: 'There is no such event.',
      source: { pointer: '/data/relationships/event/data/id' },
    });
  }

  /** @throws Refusal not_found */
  async get(id: string): Promise<TicketOption> {
    const option = await this.reads.read(id);
    if (option === undefined) throw refusal('not_found', { detail: 'There is no such ticket option.' });
    return option;
  }

  /** @returns the event of an option if the process knows it, without asking the database. */
  knownEventOf(id: string): string | undefined {
    return this.events.get(id);
  }

  /** @returns the event of an option, or nothing when there is no such option. */
  async eventOf(id: string): Promise<string | undefined> {
    const eventId = this.events.get(id) ?? (await this.eventReads.read(id));
    if (eventId !== undefined) this.events.set(id, eventId);
    return eventId;
  }

  private async read(id: string): Promise<TicketOption | undefined> {
    const eventId = await this.eventOf(id);
    return eventId === undefined ? undefined : this.repository.find(id, eventId);
  }
}
