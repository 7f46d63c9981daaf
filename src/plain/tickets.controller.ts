import { Controller } from '@nestjs/common';
import type { Caller } from '../allocation/lanes';
import { byBuyer, MANAGE, PUBLIC, USER_IN_BODY } from '../auth/access';
import type { KeyOfRequest } from '../idempotency/request-key';
import { Connection, Decoded, integer, Key, PathNumber, text } from '../json-api';
import { PurchasesService } from '../purchases/purchases.service';
import type { TicketOption } from '../ticket-options/ticket-option.resource';
import { TicketOptionsService } from '../ticket-options/ticket-options.service';
import { PlainGet, PlainPost } from './plain-route';
import {
  answerSchema,
  asNewOption,
  type NewPlainOption,
  type NewPlainPurchase,
  optionShape,
  PURCHASE_REFUSALS,
  purchaseShape,
} from './shapes';

const TAG = 'plain tickets';
const ID = integer({ minimum: 1, maximum: 2_147_483_647 }).schema;

/** A ticket option as this contract shows it; `allocation` is what is left to buy. */
interface Ticket {
  readonly id: number;
  readonly name: string;
  readonly desc: string | null;
  readonly allocation: number;
}

const ANSWER = {
  schema: answerSchema({
    id: ID,
    name: text({ maximum: 200 }).schema,
    desc: { type: ['string', 'null'] },
    allocation: integer({ minimum: 0, maximum: 2_147_483_647 }).schema,
  }),
  example: { id: 1, name: 'example', desc: 'sample description', allocation: 100 },
};

/** `/tickets`: ticket options by their number, in plain JSON. */
@Controller('tickets')
export class TicketsContractController {
  constructor(
    private readonly ticketOptions: TicketOptionsService,
    private readonly purchases: PurchasesService,
  ) {}

  @PlainPost({
    at: '',
    access: MANAGE,
    shape: optionShape(['name', 'desc', 'allocation']),
    status: 201,
    answer: ANSWER,
    ...{ operationId: 'createTicketOfPlain', summary: 'Create a ticket option', tag: TAG },
  })
  async create(@Decoded() option: NewPlainOption, @Key() key?: KeyOfRequest): Promise<Ticket> {
    return shown(await this.ticketOptions.create(asNewOption(option), key));
  }

  @PlainGet({
    at: ':id',
    access: PUBLIC,
    id: ID,
    answer: ANSWER,
    ...{ operationId: 'getTicketOfPlain', summary: 'Read a ticket option', tag: TAG },
  })
  async find(@PathNumber('id') number: number): Promise<Ticket> {
    return shown(await this.ticketOptions.get(await this.ticketOptions.idOfNumber(number)));
  }

  @PlainPost({
    at: ':id/purchases',
    access: byBuyer(USER_IN_BODY),
    id: ID,
    shape: purchaseShape(['quantity', 'user_id']),
    status: 201,
    refusals: PURCHASE_REFUSALS,
    ...{ operationId: 'buyTicketOfPlain', summary: 'Buy tickets', tag: TAG },
  })
  async buy(
    @PathNumber('id') number: number,
    @Decoded() { quantity, user }: NewPlainPurchase,
    @Connection() caller: Caller,
    @Key() key?: KeyOfRequest,
  ): Promise<void> {
    const ticketOption = await this.ticketOptions.idOfNumber(number);
    await this.purchases.buy({ ticketOption, quantity, user }, caller, key);
  }
}

function shown({ number, name, description, remaining }: TicketOption): Ticket {
  return { id: number, name, desc: description, allocation: remaining };
}
