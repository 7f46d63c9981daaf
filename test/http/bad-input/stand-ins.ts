import { type TestApp } from '../../support/app';
import { purchase } from '../../support/builders';
import { Client } from '../client';
import { pay } from '../payment-steps';
import { letADayPass, startPaying } from '../reservation-steps';
import { dataOf, idIn } from '../wire';
import {
  CANCELLED,
  ELSEWHERE,
  EVENT,
  EVENT_END,
  EVENT_START,
  EXPIRED,
  OPTION,
  PAID,
  PAYABLE,
  PAYING,
  PAYMENT,
  PURCHASE,
  REFUNDED,
  RESERVATION,
  SALES_END,
  SALES_START,
  SECOND,
  USER,
  VOID,
} from './row';

/** What stands in the rows for something that is there, and its id. */
export type StandIns = readonly (readonly [name: string, id: string])[];

/** Makes all that the rows are about, and something in every table. */
export async function makeAll(app: TestApp): Promise<StandIns> {
  const client = new Client(app);
  return [...(await makeForSale(client)), ...(await makePaid(app, client)), await makeVoid(client)];
}

async function makeForSale(client: Client): Promise<StandIns> {
  const event = await client.event({ starts_at: EVENT_START, ends_at: EVENT_END });
  const option = await client.option({}, event.id);
  const second = await client.option({ sales_start_at: SALES_START, sales_end_at: SALES_END }, event.id);
  const elsewhere = await client.option({ max_per_user: 50, kind: 'VIP' });
  const bought = [option.id, elsewhere.id].map((ticketOption) => purchase({ ticketOption, user: USER }));
  const purchases = [];
  for (const document of bought) purchases.push(dataOf(await client.post('/purchases', document)));
  const reservation = await client.reserveSeveral([
    [option.id, 2],
    [second.id, 1],
  ]);
  return [
    [OPTION, option.id],
    [SECOND, second.id],
    [ELSEWHERE, elsewhere.id],
    [EVENT, event.id],
    [RESERVATION, reservation.id],
    [PURCHASE, purchases[1]?.id ?? ''],
  ];
}

/** Reservations in every state, and what came of those that were paid. */
async function makePaid(app: TestApp, client: Client): Promise<StandIns> {
  const option = await client.option({ price_cents: 1_250 });
  const [payable, expired, cancelled, paying, paid, other] = [
    await client.reserve(option.id),
    await client.reserve(option.id),
    await client.reserve(option.id),
    await client.reserve(option.id),
    await client.reserve(option.id),
    await client.reserve(option.id, 2),
  ];
  await letADayPass(app.database, expired.id);
  await client.remove(cancelled.links.self);
  await startPaying(app.database, paying.id);
  const payment = dataOf(await pay(client, paid));
  const refunded = idIn(dataOf(await pay(client, other)), 'purchases');
  await client.remove(`/purchases/${refunded}`);
  return [
    [PAYABLE, payable.id],
    [EXPIRED, expired.id],
    [CANCELLED, cancelled.id],
    [PAYING, paying.id],
    [PAID, paid.id],
    [PAYMENT, payment.id],
    [REFUNDED, refunded],
  ];
}

async function makeVoid(client: Client): Promise<StandIns[number]> {
  const event = await client.event();
  const option = await client.option({}, event.id);
  const reservation = await client.reserve(option.id);
  await client.change(event, { status: 'cancelled' });
  return [VOID, reservation.id];
}
