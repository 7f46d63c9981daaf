import { ValidateBy } from 'class-validator';
import {
  Attribute,
  boolean,
  type Changes,
  constant,
  instant,
  integer,
  type New,
  Resource,
  text,
  ToOne,
} from '../json-api';

const MAX_INTEGER = 2_147_483_647;

function EndsAfterItStarts(): PropertyDecorator {
  return ValidateBy({
    name: 'endsAfterItStarts',
    validator: {
      validate: (end, context) => {
        const { salesStartAt: start } = context?.object as TicketOption;
        return !(start instanceof Date && end instanceof Date) || start < end;
      },
      defaultMessage: () => '`sales_end_at` must be later than `sales_start_at`.',
    },
  });
}

/** A kind of ticket of one event, as the API shows it. */
@Resource({
  type: 'ticket_options',
  path: '/ticket_options',
  version: ({ updatedAt }: TicketOption) => updatedAt.getTime(),
  description: 'One kind of ticket of one event (regular, premium, VIP …), with a limited number of tickets.',
})
export class TicketOption {
  readonly id: string;

  @Attribute(text({ maximum: 200 }), {
    write: 'required',
    description: 'What is sold.',
    example: 'example',
  })
  name: string;

  @Attribute(text({ minimum: 0, maximum: 10_000, nullable: true }), {
    write: 'optional',
    description: 'More about it.',
    example: 'sample description',
  })
  description: string | null;

  @Attribute(integer({ minimum: 0, maximum: MAX_INTEGER }), {
    write: 'required',
    description: 'How many tickets exist. Buying does not change it.',
    example: 100,
  })
  allocation: number;

  @Attribute(text({ maximum: 50, nullable: true }), {
    write: 'optional',
    description: 'The kind of ticket in free words, such as regular, premium or VIP.',
    example: 'VIP',
  })
  kind: string | null;

  @Attribute(integer({ minimum: 0, maximum: 100_000_000 }), {
    write: 'optional',
    default: 0,
    description: 'The price of one ticket in euro cents. An option with a price cannot be bought directly.',
    example: 0,
  })
  priceCents: number;

  @Attribute(integer({ minimum: 1, maximum: MAX_INTEGER, nullable: true }), {
    write: 'optional',
    description: 'How many tickets of this option one user may have; null for no limit.',
    example: 4,
  })
  maxPerUser: number | null;

  @Attribute(integer({ minimum: 1, maximum: MAX_INTEGER, nullable: true }), {
    write: 'optional',
    description: 'How many tickets of this option one order may take; null for no limit.',
    example: 4,
  })
  maxPerOrder: number | null;

  @Attribute(instant({ nullable: true }), {
    write: 'optional',
    description: 'When sales begin; null for at once.',
  })
  salesStartAt: Date | null;

  @EndsAfterItStarts()
  @Attribute(instant({ nullable: true }), {
    write: 'optional',
    description: 'From when on nothing is sold any more; null for never.',
  })
  salesEndAt: Date | null;

  @ToOne('events', {
    write: 'optional',
    description: 'The event it is for. Without one, the option gets an event of its own with the same name.',
  })
  event: string | null;

  @Attribute(integer({ minimum: 1, maximum: MAX_INTEGER }), {
    write: 'never',
    description: 'A short id, for people and for contracts that know only integers.',
    example: 1,
  })
  readonly number: number;

  @Attribute(integer({ minimum: 0, maximum: MAX_INTEGER }), {
    write: 'never',
    description: 'Tickets that can be bought now. With reserved and sold it adds up to the allocation.',
    example: 100,
  })
  readonly remaining: number;

  @Attribute(integer({ minimum: 0, maximum: MAX_INTEGER }), {
    write: 'never',
    description: 'Tickets held by reservations.',
    example: 0,
  })
  readonly reserved: number;

  @Attribute(integer({ minimum: 0, maximum: MAX_INTEGER }), {
    write: 'never',
    description: 'Tickets that have been bought.',
    example: 0,
  })
  readonly sold: number;

  @Attribute(boolean(), {
    write: 'never',
    description: 'Whether a ticket can be had now: sales are open and something remains.',
    example: true,
  })
  readonly onSale: boolean;

  @Attribute(constant('EUR'), { write: 'never', description: 'The only currency.' })
  readonly currency: 'EUR';

  @Attribute(instant(), { write: 'never', description: 'When it was created.' })
  readonly createdAt: Date;

  @Attribute(instant(), {
    write: 'never',
    description: 'When the organiser last changed it. A sale is no such change.',
  })
  readonly updatedAt: Date;
}

export type NewTicketOption = New<TicketOption>;
export type TicketOptionChange = Changes<TicketOption, Exclude<keyof NewTicketOption, 'event'>>;
