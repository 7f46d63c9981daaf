import { randomUUID } from 'node:crypto';
import type { Order } from '../../src/allocation/orders';
import { StockHint } from '../../src/allocation/stock-hint';
import { Turn } from '../../src/allocation/turn';
import { startApp, type TestApp } from '../support/app';
import { Shop } from '../support/shop';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '0' } });
  shop = new Shop(app.url);
});
afterAll(async () => {
  shop.close();
  await app.stop();
});

test('what was decided before of a reservation is not the answer of others who are about the same one', async () => {
  const event = await shop.announce();
  const option = await shop.offer({ allocation: 10 }, event);
  const { body } = await shop.reserve(option, 2);
  const about = { id: body.data?.id ?? '', eventId: event, ticketOptionIds: [option] };
  const hex = (): string => randomUUID().replaceAll('-', '');
  const until = new Date(Date.now() + 1_000_000);
  const extend: Order = { kind: 'extend', ...about, until, key: { id: hex(), fingerprint: hex() } };
  const cancel: Order = { kind: 'cancel', ...about };
  const turn = app.nest.get(Turn);
  const hint = new StockHint();
  await turn.serve([extend], hint);

  const [extended, cancelled] = await turn.serve([extend, cancel], hint);
  expect(extended?.known?.resourceId).toBe(about.id);
  expect(cancelled).toMatchObject({ made: { status: 'cancelled' } });
  expect((await shop.get(`/reservations/${about.id}`)).body.data?.attributes['status']).toBe('cancelled');
});
