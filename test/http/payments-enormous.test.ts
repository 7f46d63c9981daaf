import { startApp, type TestApp } from '../support/app';
import { Client } from './client';
import { expectRightBooks, pay } from './payment-steps';

const MOST = { allocation: 2_147_483_647, price_cents: 100_000_000 };

let app: TestApp;
afterEach(() => expectRightBooks(app));
afterAll(() => app.stop());

test('an event takes in more than 64 bits hold, is counted to the cent, and is refunded again', async () => {
  app = await startApp();
  const client = new Client(app);
  const { id: event } = await client.event();
  const answers = [];
  // Each is the largest that one reservation can cost, and fits into 64 bits; three of them do not.
  for (let round = 0; round < 3; round += 1) {
    const options = [];
    for (let n = 0; n < 20; n += 1) options.push(await client.option(MOST, event));
    const reservation = await client.reserveSeveral(options.map(({ id }) => [id, MOST.allocation] as const));
    answers.push(await pay(client, reservation));
  }
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  const cents = 60n * 2_147_483_647n * 100_000_000n;
  expect(cents).toBeGreaterThan(2n ** 63n);
  for (const path of [`/statistics/events/${event}`, '/statistics/totals', '/statistics/sales']) {
    const text = await (await fetch(`${app.url}${path}`)).text();
    expect(text).toContain(`"revenue_cents":${cents}`);
  }

  const [purchase] = answers[0]?.document.included ?? [];
  expect((await client.remove(`/purchases/${String(purchase?.id)}`)).status).toBe(204);
  const ranking = await (await fetch(`${app.url}/statistics/events?sort=-revenue_cents`)).text();
  expect(ranking).toContain(`"revenue_cents":${cents - 2_147_483_647n * 100_000_000n}`);
});
