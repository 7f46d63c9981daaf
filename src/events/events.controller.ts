import { Controller } from '@nestjs/common';
import { MANAGE, PUBLIC } from '../auth/access';
import type { KeyOfRequest } from '../idempotency/request-key';
import {
  boolean,
  ChangeResource,
  choice,
  type Compound,
  CreateResource,
  Decoded,
  FetchResource,
  Include,
  Key,
  instant,
  Listing,
  ListResources,
  OnlyIf,
  type Page,
  RemoveResource,
  ResourceId,
  text,
  type Versions,
} from '../json-api';
import { TicketOption } from '../ticket-options/ticket-option.resource';
import {
  TicketOptionListsService,
  type OptionsOfEventRequest,
} from '../ticket-options/ticket-option-lists.service';
import { Event, type EventChange, type NewEvent } from './event.resource';
import { EventsService, type EventsRequest } from './events.service';

/** `/events`: what there is to attend, and which tickets can be had for it. */
@Controller('events')
export class EventsController {
  constructor(
    private readonly events: EventsService,
    private readonly ticketOptions: TicketOptionListsService,
  ) {}

  @CreateResource(Event, { summary: 'Create an event', access: MANAGE })
  create(@Decoded() event: NewEvent, @Key() key?: KeyOfRequest): Promise<Event> {
    return this.events.create(event, key);
  }

  @ListResources(Event, {
    summary: 'List events',
    access: PUBLIC,
    description: 'In the order of creation unless `sort` names another. An event without a date comes last.',
    filters: {
      status: choice(['scheduled', 'cancelled']),
      startsAfter: { kind: instant(), description: 'Only events that start later than this.' },
      startsBefore: { kind: instant(), description: 'Only events that start earlier than this.' },
    },
    sort: ['startsAt', 'name', 'createdAt'],
    include: ['ticket_options'],
  })
  list(@Listing() request: EventsRequest): Promise<Page<Event>> {
    return this.events.list(request);
  }

  @FetchResource(Event, { summary: 'Read an event', access: PUBLIC, include: ['ticket_options'] })
  find(@ResourceId() id: string, @Include() include: ReadonlySet<string>): Promise<Event | Compound<Event>> {
    return include.has('ticket_options') ? this.events.getWithOptions(id) : this.events.get(id);
  }

  @ListResources(TicketOption, {
    of: Event,
    summary: 'List the ticket options of an event',
    access: PUBLIC,
    description: 'Which tickets there are and what is left of them, in the order of creation.',
    refusals: ['not_found'],
    filters: {
      kind: { kind: text({ maximum: 50 }), description: 'Compared without regard to case.' },
      onSale: { kind: boolean(), description: 'Whether a ticket can be had now.' },
    },
  })
  listTicketOptions(
    @ResourceId() id: string,
    @Listing() request: OptionsOfEventRequest,
  ): Promise<Page<TicketOption>> {
    return this.ticketOptions.listOfEvent(id, request);
  }

  @ChangeResource(Event, {
    summary: 'Change an event',
    access: MANAGE,
    description: 'The status `cancelled` cancels it for good, together with its active reservations.',
    refusals: ['event_cancelled'],
  })
  change(
    @ResourceId() id: string,
    @Decoded() changes: EventChange,
    @Key() key?: KeyOfRequest,
    @OnlyIf() onlyIf?: Versions,
  ): Promise<Event> {
    return this.events.change(id, changes, { key, onlyIf });
  }

  @RemoveResource(Event, {
    summary: 'Delete an event',
    access: MANAGE,
    description: 'With its ticket options, and only while no ticket was ever reserved or sold.',
    refusals: ['event_in_use'],
  })
  remove(@ResourceId() id: string, @OnlyIf() onlyIf?: Versions): Promise<void> {
    return this.events.remove(id, onlyIf);
  }
}
