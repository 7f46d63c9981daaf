import { Controller } from '@nestjs/common';
import { MANAGE, PUBLIC } from '../auth/access';
import type { KeyOfRequest } from '../idempotency/request-key';
import {
  ChangeResource,
  type Compound,
  CreateResource,
  Decoded,
  FetchResource,
  Include,
  Key,
  Listing,
  type ListRequest,
  ListResources,
  OnlyIf,
  type Page,
  RemoveResource,
  ResourceId,
  type Versions,
} from '../json-api';
import { TicketOptionListsService } from './ticket-option-lists.service';
import { type NewTicketOption, TicketOption, type TicketOptionChange } from './ticket-option.resource';
import { TicketOptionsService } from './ticket-options.service';

/** `/ticket_options`: offering tickets, and what is left of them. */
@Controller('ticket_options')
export class TicketOptionsController {
  constructor(
    private readonly ticketOptions: TicketOptionsService,
    private readonly lists: TicketOptionListsService,
  ) {}

  @CreateResource(TicketOption, {
    summary: 'Create a ticket option',
    access: MANAGE,
    refusals: ['not_found', 'event_cancelled'],
  })
  create(@Decoded() option: NewTicketOption, @Key() key?: KeyOfRequest): Promise<TicketOption> {
    return this.ticketOptions.create(option, key);
  }

  @ListResources(TicketOption, {
    summary: 'List ticket options',
    access: PUBLIC,
    description: 'In the order of creation.',
    include: ['event'],
  })
  list(@Listing() request: ListRequest): Promise<Page<TicketOption>> {
    return this.lists.list(request);
  }

  @FetchResource(TicketOption, { summary: 'Read a ticket option', access: PUBLIC, include: ['event'] })
  find(
    @ResourceId() id: string,
    @Include() include: ReadonlySet<string>,
  ): Promise<TicketOption | Compound<TicketOption>> {
    return include.has('event') ? this.lists.getWithEvent(id) : this.ticketOptions.get(id);
  }

  @ChangeResource(TicketOption, {
    summary: 'Change a ticket option',
    access: MANAGE,
    description: 'Its event cannot be changed. The allocation never goes below what is reserved and sold.',
    refusals: ['allocation_below_committed'],
  })
  change(
    @ResourceId() id: string,
    @Decoded() changes: TicketOptionChange,
    @Key() key?: KeyOfRequest,
    @OnlyIf() onlyIf?: Versions,
  ): Promise<TicketOption> {
    return this.ticketOptions.change(id, changes, { key, onlyIf });
  }

  @RemoveResource(TicketOption, {
    summary: 'Delete a ticket option',
    access: MANAGE,
    description: 'Only while none of its tickets was ever reserved or sold.',
    refusals: ['ticket_option_in_use'],
  })
  remove(@ResourceId() id: string, @OnlyIf() onlyIf?: Versions): Promise<void> {
    return this.ticketOptions.remove(id, onlyIf);
  }
}
