import type { PurchaseState } from '../allocation/orders';
import {
  Attribute,
  bigInteger,
  choice,
  constant,
  instant,
  integer,
  type New,
  Resource,
  ToMany,
  ToOne,
} from '../json-api';

/** Tickets that a user owns, as the API shows it. */
@Resource({
  type: 'purchases',
  path: '/purchases',
  description: 'A quantity of one ticket option that a user owns.',
})
export class Purchase {
  readonly id: string;

  @Attribute(integer({ minimum: 1, maximum: 2_147_483_647 }), {
    write: 'required',
    description: 'How many tickets: all of them, or none.',
    example: 2,
  })
  quantity: number;

  @Attribute(bigInteger({ minimum: 0n }), {
    write: 'never',
    description: 'What the tickets cost altogether, in euro cents.',
    example: 0,
  })
  readonly totalCents: bigint;

  @Attribute(constant('EUR'), { write: 'never', description: 'The only currency.' })
  readonly currency: 'EUR';

  @Attribute(choice(['completed', 'refunded']), {
    write: 'never',
    description: 'Where the purchase stands. The tickets of a refunded one are for sale again.',
  })
  readonly status: 'completed' | 'refunded';

  @Attribute(instant(), { write: 'never', description: 'When the tickets changed hands.' })
  readonly createdAt: Date;

  @ToOne('ticket_options', { write: 'required', description: 'What is bought.' })
  ticketOption: string;

  @ToOne('users', {
    write: 'required',
    id: 'uuid',
    description: 'Who buys. Users live in another service and are not looked up.',
  })
  user: string;

  @ToOne('reservations', {
    write: 'never',
    nullable: true,
    description: 'What the tickets were held by before; null for a direct purchase.',
  })
  readonly reservation: string | null;

  @ToOne('payments', {
    write: 'never',
    nullable: true,
    description: 'What the tickets were paid with; null for a direct purchase.',
  })
  readonly payment: string | null;

  @ToMany('tickets', {
    write: 'never',
    linked: 'tickets',
    description: 'One admission for each ticket; none any more once the purchase is refunded.',
  })
  readonly tickets?: readonly { readonly id: string }[];
}

export type NewPurchase = New<Purchase>;

/** @returns the purchase that was just made without a reservation, at the price of that moment. */
export function completed(
  sold: Pick<Purchase, 'id' | 'quantity' | 'createdAt' | 'ticketOption' | 'user'> & {
    unitPriceCents: number;
  },
): Purchase {
  const { id, quantity, unitPriceCents, createdAt, ticketOption, user } = sold;
  return {
    id,
    quantity,
    totalCents: totalOf(quantity, unitPriceCents),
    currency: 'EUR',
    status: 'completed',
    createdAt,
    ticketOption,
    user,
    reservation: null,
    payment: null,
  };
}

/** @returns the purchase as the API shows it, from its row or fresh from the lanes. */
export function purchased(state: PurchaseState): Purchase {
  return {
    id: state.id,
    quantity: state.quantity,
    totalCents: totalOf(state.quantity, state.unitPriceCents),
    currency: 'EUR',
    status: state.refundedAt === null ? 'completed' : 'refunded',
    createdAt: state.createdAt,
    ticketOption: state.ticketOptionId,
    user: state.userId,
    reservation: state.reservationId,
    payment: state.paymentId,
  };
}

/** What is bought directly has no price, and needs no arithmetic. */
function totalOf(quantity: number, unitPriceCents: number): bigint {
  return unitPriceCents === 0 ? 0n : BigInt(quantity) * BigInt(unitPriceCents);
}
