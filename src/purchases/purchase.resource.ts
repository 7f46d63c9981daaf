import {
  Attribute,
  bigInteger,
  choice,
  constant,
  instant,
  integer,
  type New,
  Resource,
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

  @Attribute(choice(['completed']), { write: 'never', description: 'Where the purchase stands.' })
  readonly status: 'completed';

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
}

export type NewPurchase = New<Purchase>;

/** @returns the purchase that follows from what was sold, at the price of that moment. */
export function completed(
  sold: Pick<Purchase, 'id' | 'quantity' | 'createdAt' | 'ticketOption' | 'user'> & {
    unitPriceCents: number;
  },
): Purchase {
  const { id, quantity, unitPriceCents, createdAt, ticketOption, user } = sold;
  return {
    id,
    quantity,
    totalCents: BigInt(quantity) * BigInt(unitPriceCents),
    currency: 'EUR',
    status: 'completed',
    createdAt,
    ticketOption,
    user,
  };
}
