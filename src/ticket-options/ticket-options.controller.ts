import { Controller } from '@nestjs/common';
import { CreateResource, Decoded, FetchResource, ResourceId } from '../json-api';
import { type NewTicketOption, TicketOption } from './ticket-option.resource';
import { TicketOptionsService } from './ticket-options.service';

/** `/ticket_options`: offering tickets, and what is left of them. */
@Controller('ticket_options')
export class TicketOptionsController {
  constructor(private readonly ticketOptions: TicketOptionsService) {}

  @CreateResource(TicketOption, { summary: 'Create a ticket option', refusals: ['not_found'] })
  create(@Decoded() option: NewTicketOption): Promise<TicketOption> {
    return this.ticketOptions.create(option);
  }

  @FetchResource(TicketOption, { summary: 'Read a ticket option' })
  find(@ResourceId() id: string): Promise<TicketOption> {
    return this.ticketOptions.get(id);
  }
}
