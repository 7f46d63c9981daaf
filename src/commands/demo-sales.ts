import { randomUUID } from 'node:crypto';
import type { DemoClient } from './demo-client';
import type { Reservation, Wish } from './demo-documents';
import { makeConcert, makeFestival, makeMeetUp, type Scene } from './demo-events';

type User = 'Ann' | 'Ben' | 'Cleo';

/** What somebody has reserved or bought. */
export interface Order {
  readonly id: string;
  readonly user: User;
  readonly wishes: readonly Wish[];
}

export interface Hold extends Order {
  readonly reservation: Reservation;
}

/** Everything that was made. */
export interface Demo {
  readonly users: Readonly<Record<User, string>>;
  readonly concert: Awaited<ReturnType<typeof makeConcert>>;
  readonly meetUp: Awaited<ReturnType<typeof makeMeetUp>>;
  readonly festival: Scene;
  readonly held: Hold;
  readonly heldOfSeveral: Hold;
  readonly extended: Hold;
  readonly cancelled: Hold;
  readonly purchases: readonly Order[];
}

/** Makes events, reservations and purchases. Each run makes its own, for users of its own, so it can be run again. */
export async function makeDemo(client: DemoClient): Promise<Demo> {
  const users = { Ann: randomUUID(), Ben: randomUUID(), Cleo: randomUUID() };
  const concert = await makeConcert(client);
  const meetUp = await makeMeetUp(client);
  const festival = await makeFestival(client);

  const reserve = async (user: User, ...wishes: Wish[]): Promise<Hold> => {
    const reservation = await client.reserve(users[user], wishes);
    return { id: reservation.id, user, wishes, reservation };
  };
  const { stalls, circle, box } = concert.options;
  const held = await reserve('Ann', { option: stalls, quantity: 2 });
  const heldOfSeveral = await reserve('Ann', { option: circle, quantity: 1 }, { option: box, quantity: 1 });
  const late = await reserve('Ben', { option: box, quantity: 2 });
  const extended = { ...late, reservation: await client.extend(late.reservation) };
  const unwanted = await reserve('Cleo', { option: stalls, quantity: 3 });
  const cancelled = { ...unwanted, reservation: await client.cancel(unwanted.id) };

  const buy = async (user: User, option: string, quantity: number): Promise<Order> => {
    const { id } = await client.buy(users[user], { option, quantity });
    return { id, user, wishes: [{ option, quantity }] };
  };
  const { entry, workbench } = meetUp.options;
  const purchases = [await buy('Ann', entry, 1), await buy('Ben', workbench, 2), await buy('Cleo', entry, 2)];
  return { users, concert, meetUp, festival, held, heldOfSeveral, extended, cancelled, purchases };
}
