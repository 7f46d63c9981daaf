import { ValidateBy } from 'class-validator';
import {
  Attribute,
  bigInteger,
  type Changes,
  choice,
  constant,
  instant,
  integer,
  type New,
  Resource,
  ToMany,
  ToOne,
} from '../json-api';

const MAX_INTEGER = 2_147_483_647;
/** How many kinds of ticket one reservation can hold. */
export const MAX_KINDS = 20;

/** One kind of ticket or a list of kinds, but not nothing and not both. */
function NamesWhatIsWanted(): PropertyDecorator {
  return ValidateBy({
    name: 'namesWhatIsWanted',
    validator: {
      validate: (one, context) =>
        (one === null) !== ((context?.object as Reservation).ticketOptions === null),
      defaultMessage: (context) =>
        context?.value === null
          ? 'Name what is wanted: one `ticket_option` with `attributes.quantity`, or `ticket_options` each with `meta.quantity`.'
          : 'Send either `ticket_option` or `ticket_options`, not both.',
    },
  });
}

/** With one kind of ticket the quantity is an attribute; with several each of them carries its own. */
function GoesWithOneKind(): PropertyDecorator {
  return ValidateBy({
    name: 'goesWithOneKind',
    validator: {
      validate: (quantity, context) => {
        const { ticketOption, ticketOptions } = context?.object as Reservation;
        if (ticketOptions !== null) return quantity === null;
        return ticketOption === null || (typeof quantity === 'number' && quantity <= MAX_INTEGER);
      },
      defaultMessage: (context) =>
        (context?.object as Reservation).ticketOptions === null
          ? `\`quantity\` is required beside \`ticket_option\`, from 1 to ${MAX_INTEGER}.`
          : 'Each of the `ticket_options` carries its quantity as `meta.quantity`; leave `quantity` out.',
    },
  });
}

/** Tickets of one event that are held for a user, as the API shows it. */
@Resource({
  type: 'reservations',
  path: '/reservations',
  description:
    'Tickets of one event, of one or more kinds, that are held for a user for a while: all of them or none.',
})
export class Reservation {
  readonly id: string;

  @GoesWithOneKind()
  @Attribute(integer({ minimum: 1, maximum: MAX_KINDS * MAX_INTEGER }), {
    write: 'optional',
    change: false,
    default: null,
    description: `How many tickets, of all kinds together. A client sends it beside \`ticket_option\` only, up to ${MAX_INTEGER}.`,
    example: 2,
  })
  quantity: number | null;

  @Attribute(choice(['active', 'paying', 'paid', 'cancelled', 'expired']), {
    write: 'never',
    description: 'Where it stands. It is expired from `expires_at` on.',
  })
  readonly status: 'active' | 'paying' | 'paid' | 'cancelled' | 'expired';

  @Attribute(bigInteger({ minimum: 0n }), {
    write: 'never',
    description: 'What the tickets cost altogether, in euro cents, at the prices when they were reserved.',
    example: 0,
  })
  readonly totalCents: bigint;

  @Attribute(constant('EUR'), { write: 'never', description: 'The only currency.' })
  readonly currency: 'EUR';

  @Attribute(instant(), {
    write: 'never',
    change: true,
    description: 'Until when the tickets are held. It can be put off while the reservation is active.',
  })
  readonly expiresAt: Date;

  @Attribute(instant(), { write: 'never', description: 'When the tickets were reserved.' })
  readonly createdAt: Date;

  @ToOne('users', {
    write: 'required',
    id: 'uuid',
    description: 'Who reserves. Users live in another service and are not looked up.',
  })
  user: string;

  @NamesWhatIsWanted()
  @ToOne('ticket_options', {
    write: 'optional',
    answer: false,
    description: 'What is reserved, if it is one kind. Answers have it among `ticket_options`.',
  })
  ticketOption: string | null;

  @ToMany('ticket_options', {
    write: 'optional',
    maximum: MAX_KINDS,
    description: 'What is reserved: kinds of ticket of one event, each with its quantity.',
    meta: {
      quantity: {
        kind: integer({ minimum: 1, maximum: MAX_INTEGER }),
        write: 'required',
        description: 'How many tickets of this kind.',
        example: 2,
      },
      unitPriceCents: {
        kind: integer({ minimum: 0, maximum: 100_000_000 }),
        write: 'never',
        description: 'The price of one ticket when it was reserved, in euro cents.',
        example: 0,
      },
    },
  })
  ticketOptions: readonly { id: string; quantity: number; readonly unitPriceCents: number }[] | null;

  @ToOne('events', { write: 'never', description: 'The event that the tickets are for.' })
  readonly event: string;

  @ToOne('payments', {
    write: 'never',
    nullable: true,
    description: 'The latest attempt to pay it; null while there was none.',
  })
  readonly payment: string | null;

  @ToMany('purchases', {
    write: 'never',
    description: 'What it has become, a purchase of each kind; empty until it is paid.',
  })
  readonly purchases: readonly { readonly id: string }[];
}

export type NewReservation = New<Reservation>;
export type ReservationChange = Changes<Reservation, 'expiresAt'>;

/** What a reservation is made of, from its row or fresh from the lanes. */
interface Held {
  readonly id: string;
  readonly event: string;
  readonly user: string;
  readonly status: Reservation['status'];
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly items: readonly {
    readonly ticketOptionId: string;
    readonly quantity: number;
    readonly unitPriceCents: number;
  }[];
  readonly paymentId: string | null;
  /** In the order of the items; null until it is paid. */
  readonly purchaseIds: readonly string[] | null;
}

/** For all that is not paid: a fresh reservation needs no list of its own. */
const NO_PURCHASES: Reservation['purchases'] = [];

/** @returns the reservation as the API shows it. */
export function shown(held: Held): Reservation {
  const { items, paymentId, purchaseIds } = held;
  let quantity = 0;
  let totalCents = 0n;
  for (const item of items) {
    quantity += item.quantity;
    if (item.unitPriceCents > 0) totalCents += BigInt(item.quantity) * BigInt(item.unitPriceCents);
  }
  return {
    id: held.id,
    quantity,
    status: held.status,
    totalCents,
    currency: 'EUR',
    expiresAt: held.expiresAt,
    createdAt: held.createdAt,
    user: held.user,
    ticketOption: null,
    ticketOptions: items.map((item) => ({
      id: item.ticketOptionId,
      quantity: item.quantity,
      unitPriceCents: item.unitPriceCents,
    })),
    event: held.event,
    payment: paymentId,
    purchases: purchaseIds?.map((id) => ({ id })) ?? NO_PURCHASES,
  };
}
