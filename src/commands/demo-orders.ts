import type { DemoClient } from './demo-client';
import type { Payment, Purchase, Reservation, Resource, Wish } from './demo-documents';
import type { makeConcert, makeMeetUp } from './demo-events';

/** Who takes part, and their ids. */
export type Users = Readonly<Record<'Ann' | 'Ben' | 'Cleo', string>>;

/** What somebody has reserved, paid or bought. */
export interface Order<R extends Resource = Resource> {
  readonly user: keyof Users;
  readonly wishes: readonly Wish[];
  readonly resource: R;
}

type Concert = Awaited<ReturnType<typeof makeConcert>>;
type MeetUp = Awaited<ReturnType<typeof makeMeetUp>>;

/** Makes reservations of the concert; one is extended and one cancelled. */
export async function makeReservations(client: DemoClient, users: Users, { options }: Concert) {
  const reserve = async (user: keyof Users, ...wishes: Wish[]): Promise<Order<Reservation>> => {
    return { user, wishes, resource: await client.reserve(users[user], wishes) };
  };
  const { stalls, circle, box } = options;
  const held = await reserve('Ann', { option: stalls, quantity: 2 });
  const unwanted = await reserve('Ann', { option: circle, quantity: 1 }, { option: box, quantity: 1 });
  const late = await reserve('Ben', { option: box, quantity: 2 });
  const extended = { ...late, resource: await client.extend(late.resource) };
  const cancelled = await reserve('Cleo', { option: stalls, quantity: 3 });
  await client.cancel(cancelled.resource);
  const paid = await reserve('Cleo', { option: circle, quantity: 2 }, { option: box, quantity: 1 });
  const returned = await reserve('Ben', { option: stalls, quantity: 1 });
  return { held, unwanted, extended, cancelled, paid, returned };
}

/** Pays a reservation; some tokens are declined. */
export async function pay(
  client: DemoClient,
  { resource, ...order }: Order<Reservation>,
  token: string,
): Promise<Order<Payment>> {
  return { ...order, resource: await client.pay(resource, token) };
}

/**
 * @returns what was bought by a payment, a purchase for each kind of ticket
 * @throws Error when it was nothing
 */
export async function purchasesOf(
  client: DemoClient,
  { resource: payment, user, wishes }: Order<Payment>,
): Promise<[Order<Purchase>, ...Order<Purchase>[]]> {
  const ids = payment.relationships.purchases.data.map(({ id }) => id);
  const [first, ...others] = await Promise.all(
    ids.map(async (id, index) => {
      return { user, wishes: wishes.slice(index, index + 1), resource: await client.purchase(id) };
    }),
  );
  if (first === undefined)
    throw new Error(`Nothing was bought by payment ${payment.id}: it is ${payment.attributes.status}.`);
  return [first, ...others];
}

/** Buys tickets of the meet-up directly. */
export async function buyDirectly(client: DemoClient, users: Users, { options }: MeetUp) {
  const buy = async (user: keyof Users, option: string, quantity: number): Promise<Order<Purchase>> => {
    const wish = { option, quantity };
    return { user, wishes: [wish], resource: await client.buy(users[user], wish) };
  };
  const { entry, workbench } = options;
  return [await buy('Ann', entry, 1), await buy('Ben', workbench, 2), await buy('Cleo', entry, 2)];
}

/** Reads orders again. @returns them as they stand now */
export function asTheyStand<R extends Resource>(
  orders: readonly Order<R>[],
  read: (id: string) => Promise<R>,
): Promise<Order<R>[]> {
  return Promise.all(orders.map(async (order) => ({ ...order, resource: await read(order.resource.id) })));
}
