import { randomUUID } from 'node:crypto';
import { audit } from '../../src/allocation/audit';
import { allRows, startApp, type TestApp } from '../support/app';
import { purchase, reservation } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { holdsOf, letADayPass, pay, startPaying, SWEEPS } from './reservation-steps';
import { type Answer, dataOf, errorsOf } from './wire';

const STATES = ['active', 'expired', 'cancelled', 'paying', 'paid'] as const;

describe.each(SWEEPS)('when an event is cancelled, with the sweep %s', (_, env) => {
  let app: TestApp;
  let client: Client;
  let event: ResourceObject;
  let options: readonly [string, string];
  let bought: ResourceObject;
  const reservations: Partial<Record<(typeof STATES)[number], ResourceObject>> = {};

  beforeAll(async () => {
    app = await startApp({ env });
    client = new Client(app);
    event = await client.event({ max_tickets_per_user: 10 });
    const offer = async (attributes: Record<string, unknown>) =>
      (await client.option(attributes, event.id)).id;
    options = [await offer({ max_per_user: 5 }), await offer({})];
    bought = dataOf(await client.post('/purchases', purchase({ ticketOption: options[0], quantity: 4 })));
    for (const state of STATES) {
      const made = await client.reserveSeveral(options.map((id) => [id, 2]));
      reservations[state] = made;
    }
    await letADayPass(app.database, in_('expired').id);
    await client.remove(in_('cancelled').links.self);
    await startPaying(app.database, in_('paying').id);
    await pay(app, in_('paid').id);
    const answer = await client.change(event, { status: 'cancelled' });
    expect(dataOf(answer).attributes).toMatchObject({ status: 'cancelled' });
  });
  afterAll(() => app.stop());
  afterEach(async () => {
    expect(await audit(app.database)).toEqual([]);
  });

  const in_ = (state: (typeof STATES)[number]): ResourceObject => {
    const found = reservations[state];
    if (found === undefined) throw new Error(`no reservation is ${state}`);
    return found;
  };
  const extend = (state: (typeof STATES)[number]): Promise<Answer> =>
    client.change(in_(state), { expires_at: new Date(Date.now() + 1_800_000).toISOString() });

  test.each([
    ['active', 'cancelled'],
    ['expired', 'expired'],
    ['cancelled', 'cancelled'],
    ['paying', 'paying'],
    ['paid', 'paid'],
  ] as const)('a reservation that was %s is %s', async (was, is) => {
    expect((await client.read(in_(was).links.self)).attributes).toMatchObject({ status: is });
  });

  test('the tickets that were held go back; those in payment and those bought do not', async () => {
    const shown = [];
    for (const id of options) shown.push((await client.read(`/ticket_options/${id}`)).attributes);
    expect(shown).toMatchObject([
      { remaining: 92, reserved: 2, sold: 6, on_sale: false },
      { remaining: 96, reserved: 2, sold: 2, on_sale: false },
    ]);
    const held = [];
    for (const state of STATES) held.push(await holdsOf(app.database, in_(state).id));
    expect(held).toEqual([0, 0, 0, 2, 0]);
  });

  test('what was bought stays', async () => {
    expect(await client.read(bought.links.self)).toEqual(bought);
  });

  test('nothing can be reserved or bought any more', async () => {
    const before = await allRows(app.database);
    const [ticketOption] = options;
    const pointer = '/data/relationships/ticket_option/data/id';
    for (const answer of [
      await client.post('/reservations', reservation({ ticketOption, user: randomUUID() })),
      await client.post('/purchases', purchase({ ticketOption, user: randomUUID() })),
    ]) {
      expect(answer.status).toBe(409);
      expect(errorsOf(answer)).toMatchObject([{ code: 'event_cancelled', source: { pointer } }]);
    }
    expect(await allRows(app.database)).toBe(before);
  });

  test.each([
    ['active', 'reservation_cancelled'],
    ['expired', 'reservation_expired'],
    ['cancelled', 'reservation_cancelled'],
    ['paying', 'reservation_in_payment'],
    ['paid', 'reservation_paid'],
  ] as const)('a reservation that was %s cannot be extended: %s', async (was, code) => {
    const before = await allRows(app.database);
    const answer = await extend(was);
    expect(answer.status).toBe(409);
    expect(errorsOf(answer)).toMatchObject([{ code }]);
    expect(await allRows(app.database)).toBe(before);
  });

  test('cancelling reservations, and the event again, changes nothing', async () => {
    const before = await allRows(app.database);
    for (const state of ['active', 'expired', 'cancelled'] as const)
      expect((await client.remove(in_(state).links.self)).status).toBe(204);
    expect(await allRows(app.database)).toBe(before);
    expect((await client.change(event, { status: 'cancelled' })).status).toBe(200);
    expect((await client.read(in_('expired').links.self)).attributes).toMatchObject({ status: 'expired' });
  });
});

test('an event that is cancelled while it is being reserved leaves nothing held', async () => {
  const app = await startApp();
  try {
    const client = new Client(app);
    const event = await client.event();
    const options = [(await client.option({}, event.id)).id, (await client.option({}, event.id)).id];
    const reserve = async (index: number) => {
      const ticketOption = options[index % 2] ?? '';
      return client.post('/reservations', reservation({ ticketOption, quantity: 1 }));
    };
    const storm = Array.from({ length: 40 }, (_, index) => reserve(index));
    const cancelled = client.change(event, { status: 'cancelled' });
    const answers = await Promise.all([
      ...storm,
      ...Array.from({ length: 40 }, (_, index) => reserve(index)),
    ]);
    expect((await cancelled).status).toBe(200);
    for (const answer of answers)
      if (answer.status !== 201) expect(errorsOf(answer)).toMatchObject([{ code: 'event_cancelled' }]);
    const made = answers.filter(({ status }) => status === 201);
    const list = await client.list(`/reservations?filter[event]=${event.id}&page[size]=100`);
    expect(list).toHaveLength(made.length);
    for (const { attributes } of list) expect(attributes).toMatchObject({ status: 'cancelled' });
    const { rows } = await app.database.query('SELECT FROM holds');
    expect(rows).toHaveLength(0);
    expect(await audit(app.database)).toEqual([]);
  } finally {
    await app.stop();
  }
});
