import { randomUUID } from 'node:crypto';
import type { DemoClient } from './demo-client';
import type { Payment, Purchase, Reservation } from './demo-documents';
import { makeConcert, makeFestival, makeMeetUp, type Scene } from './demo-events';
import {
  asTheyStand,
  buyDirectly,
  makeReservations,
  type Order,
  pay,
  purchasesOf,
  type Users,
} from './demo-orders';

/** Everything that was made. */
export interface Demo {
  readonly users: Users;
  readonly concert: Awaited<ReturnType<typeof makeConcert>>;
  readonly meetUp: Awaited<ReturnType<typeof makeMeetUp>>;
  readonly festival: Scene;
  /** What to go on with: two reservations of Ann's, one that was extended, and something that Cleo owns. */
  readonly held: Reservation;
  readonly unwanted: Reservation;
  readonly extended: Reservation;
  readonly owned: Purchase;
  /** All of them as they stand in the end. */
  readonly reservations: readonly Order<Reservation>[];
  readonly payments: readonly Order<Payment>[];
  readonly purchases: readonly Order<Purchase>[];
}

/** Makes events, reservations, payments and purchases. Each run makes its own, for users of its own, so it can be run again. */
export async function makeDemo(client: DemoClient): Promise<Demo> {
  const users = { Ann: randomUUID(), Ben: randomUUID(), Cleo: randomUUID() };
  const concert = await makeConcert(client);
  const meetUp = await makeMeetUp(client);
  const festival = await makeFestival(client);

  const made = await makeReservations(client, users, concert);
  const { held, unwanted, extended, paid, returned } = made;
  const declined = await pay(client, extended, 'card_error');
  const payments = [await pay(client, paid, 'tok_visa'), await pay(client, returned, 'tok_visa')] as const;
  const owned = await purchasesOf(client, payments[0]);
  const refunded = await purchasesOf(client, payments[1]);
  for (const { resource } of refunded) await client.refund(resource);
  const direct = await buyDirectly(client, users, meetUp);

  const purchases = [...owned, ...refunded, ...direct];
  return {
    ...{ users, concert, meetUp, festival },
    ...{
      held: held.resource,
      unwanted: unwanted.resource,
      extended: extended.resource,
      owned: owned[0].resource,
    },
    reservations: await asTheyStand(Object.values(made), (id) => client.reservation(id)),
    payments: await asTheyStand([declined, ...payments], (id) => client.payment(id)),
    purchases: await asTheyStand(purchases, (id) => client.purchase(id)),
  };
}
