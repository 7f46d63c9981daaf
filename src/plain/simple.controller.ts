import { Controller } from '@nestjs/common';
import type { Caller } from '../allocation/lanes';
import { byBuyer, MANAGE, PUBLIC, USER_IN_BODY } from '../auth/access';
import type { KeyOfRequest } from '../idempotency/request-key';
import { Connection, Decoded, instant, integer, Key, ResourceId, text, uuid } from '../json-api';
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

const TAG = 'plain simple';
const ID = uuid().schema;
const COUNT = { maximum: 2_147_483_647 };

/** A ticket option as this contract shows it; `Allocation` is what is left to buy. */
interface SimpleOption {
  readonly ID: string;
  readonly Name: string;
  readonly Desc: string | null;
  readonly Allocation: number;
  readonly CreatedAt: Date;
  readonly UpdatedAt: Date;
}

interface SimplePurchase {
  readonly ID: string;
  readonly TicketOptionID: string;
  readonly UserID: string;
  readonly Quantity: number;
  readonly CreatedAt: Date;
}

const EXAMPLE_ID = '297ac147-85cc-48bb-83e9-736077c22804';
const AT = '2026-06-01T10:00:00.000Z';
const OPTION = {
  schema: answerSchema({
    ...{ ID, Name: text({ maximum: 200 }).schema, Desc: { type: ['string', 'null'] } },
    Allocation: integer({ minimum: 0, ...COUNT }).schema,
    ...{ CreatedAt: instant().schema, UpdatedAt: instant().schema },
  }),
  example: {
    ...{ ID: EXAMPLE_ID, Name: 'example', Desc: 'sample description', Allocation: 100 },
    ...{ CreatedAt: AT, UpdatedAt: AT },
  },
};
const PURCHASE = {
  schema: answerSchema({
    ...{ ID, TicketOptionID: ID, UserID: ID },
    ...{ Quantity: integer({ minimum: 1, ...COUNT }).schema, CreatedAt: instant().schema },
  }),
  example: {
    ...{ ID: EXAMPLE_ID, TicketOptionID: EXAMPLE_ID, UserID: EXAMPLE_ID, Quantity: 2, CreatedAt: AT },
  },
};

/** `/simple`: ticket options by their id, in plain JSON with the names of Go. */
@Controller('simple/ticket_options')
export class SimpleContractController {
  constructor(
    private readonly ticketOptions: TicketOptionsService,
    private readonly purchases: PurchasesService,
  ) {}

  @PlainPost({
    at: '',
    access: MANAGE,
    shape: optionShape(['Name', 'Desc', 'Allocation']),
    status: 200,
    answer: OPTION,
    ...{ operationId: 'createTicketOptionOfSimple', summary: 'Create a ticket option', tag: TAG },
  })
  async create(@Decoded() option: NewPlainOption, @Key() key?: KeyOfRequest): Promise<SimpleOption> {
    return shown(await this.ticketOptions.create(asNewOption(option), key));
  }

  @PlainGet({
    at: ':id',
    access: PUBLIC,
    id: ID,
    answer: OPTION,
    ...{ operationId: 'getTicketOptionOfSimple', summary: 'Read a ticket option', tag: TAG },
  })
  async find(@ResourceId() id: string): Promise<SimpleOption> {
    return shown(await this.ticketOptions.get(id));
  }

  @PlainPost({
    at: ':id/purchases',
    access: byBuyer(USER_IN_BODY),
    id: ID,
    shape: purchaseShape(['Quantity', 'UserID']),
    status: 200,
    answer: PURCHASE,
    refusals: PURCHASE_REFUSALS,
    words: { invalid_purchase_quantity: 'there is not any available tickets' },
    ...{ operationId: 'buyTicketOptionOfSimple', summary: 'Buy tickets', tag: TAG },
  })
  async buy(
    @ResourceId() ticketOption: string,
    @Decoded() { quantity, user }: NewPlainPurchase,
    @Connection() caller: Caller,
    @Key() key?: KeyOfRequest,
  ): Promise<SimplePurchase> {
    const made = await this.purchases.buy({ ticketOption, quantity, user }, caller, key);
    return {
      ...{ ID: made.id, TicketOptionID: made.ticketOption, UserID: made.user },
      ...{ Quantity: made.quantity, CreatedAt: made.createdAt },
    };
  }
}

function shown(option: TicketOption): SimpleOption {
  const { id, name, description, remaining, createdAt, updatedAt } = option;
  return {
    ...{ ID: id, Name: name, Desc: description, Allocation: remaining },
    ...{ CreatedAt: createdAt, UpdatedAt: updatedAt },
  };
}
