import { v5 } from 'uuid';
import { Attribute, integer, Resource, ToOne } from '../json-api';
import type { Purchase } from '../purchases/purchase.resource';

/** One admission, as the API shows it. No row is written for it: it follows from its purchase. */
@Resource<Ticket>({
  type: 'tickets',
  path: '/purchases',
  exampleId: '78b671b6-6871-5c70-947e-2e001b561323',
  address: ({ purchase, number }) => `/purchases/${purchase}/tickets/${number}`,
  description: 'One admission: a purchase of three tickets has three, with the numbers 1 to 3.',
})
export class Ticket {
  readonly id: string;

  @Attribute(integer({ minimum: 1, maximum: 2_147_483_647 }), {
    write: 'never',
    description: 'Which of the tickets of its purchase it is, counted from 1.',
    example: 1,
  })
  readonly number: number;

  @ToOne('purchases', { write: 'never', description: 'What it was bought with.' })
  readonly purchase: string;

  @ToOne('ticket_options', { write: 'never', description: 'What kind of ticket it is.' })
  readonly ticketOption: string;
}

/**
 * @returns one ticket of a purchase. Its id is a version 5 UUID (RFC 9562): of the number, written as decimal text, in
 *   the namespace that is the id of the purchase. So it is the same for ever, wherever it is worked out.
 */
export function ticketOf({ id: purchase, ticketOption }: Purchase, number: number): Ticket {
  return { id: v5(String(number), purchase), number, purchase, ticketOption };
}
