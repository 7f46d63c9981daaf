import { audit } from '../../src/allocation/audit';
import { allRows, startApp, type TestApp } from '../support/app';
import { change } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { holdsOf, letADayPass, pay, startPaying, SWEEPS, until } from './reservation-steps';
import { dataOf, errorsOf } from './wire';

const AT_EXPIRY = { pointer: '/data/attributes/expires_at' };

/** A state: the steps that lead to it, how it is shown, and why it cannot be extended and cancelled, if it cannot. */
interface State {
  readonly steps: readonly ('cancel' | 'startPaying' | 'pay' | 'letADayPass')[];
  readonly shown: string;
  readonly extension: string | null;
  readonly cancellation: string | null;
}
const state = (
  shown: string,
  steps: State['steps'],
  extension: string | null = null,
  cancellation: string | null = null,
): State => ({ steps, shown, extension, cancellation });

const [CANCELLED, PAYING, PAID] = [
  'reservation_cancelled',
  'reservation_in_payment',
  'reservation_paid',
] as const;
const STATES: Readonly<Record<string, State>> = {
  active: state('active', []),
  expired: state('expired', ['letADayPass'], 'reservation_expired'),
  cancelled: state('cancelled', ['cancel'], CANCELLED),
  'cancelled a day ago': state('cancelled', ['cancel', 'letADayPass'], CANCELLED),
  'in payment': state('paying', ['startPaying'], PAYING, PAYING),
  'in payment, with its time over': state('paying', ['startPaying', 'letADayPass'], PAYING, PAYING),
  paid: state('paid', ['pay'], PAID, PAID),
  'paid a day ago': state('paid', ['pay', 'letADayPass'], PAID, PAID),
};

describe.each(SWEEPS)('with the sweep %s, a reservation', (sweep, env) => {
  let app: TestApp;
  let client: Client;
  let options: readonly [ResourceObject, ResourceObject];
  const reservations = new Map<string, ResourceObject>();

  beforeAll(async () => {
    app = await startApp({ env });
    client = new Client(app);
    const event = await client.event({ max_tickets_per_user: 9 });
    options = [
      await client.option({ max_per_user: 5, price_cents: 1_000 }, event.id),
      await client.option({}, event.id),
    ];
    for (const [name, { steps }] of Object.entries(STATES)) {
      const made = await reserve();
      for (const step of steps) await STEPS[step](made);
      reservations.set(name, made);
    }
    if (sweep === 'on') await swept();
  });
  afterAll(() => app.stop());
  afterEach(async () => {
    expect(await audit(app.database)).toEqual([]);
  });

  const STEPS: Record<State['steps'][number], (made: ResourceObject) => Promise<unknown>> = {
    cancel: ({ links }) => client.remove(links.self),
    startPaying: ({ id }) => startPaying(app.database, id),
    pay: ({ id }) => pay(app, id),
    letADayPass: ({ id }) => letADayPass(app.database, id),
  };

  const reserve = (): Promise<ResourceObject> =>
    client.reserveSeveral([
      [options[0].id, 2],
      [options[1].id, 3],
    ]);
  const reservationIn = (name: string): ResourceObject => {
    const found = reservations.get(name);
    if (found === undefined) throw new Error(`there is no reservation that is ${name}`);
    return found;
  };
  const later = ({ attributes }: ResourceObject): Date =>
    new Date(Date.parse(String(attributes?.['expires_at'])) + 60_000);
  const countersShown = async () =>
    Promise.all(
      options.map(async ({ links }) => {
        const { attributes } = await client.read(links.self);
        return [attributes?.['remaining'], attributes?.['reserved'], attributes?.['sold']];
      }),
    );

  /** Waits until everything that is over has been tidied up. */
  async function swept(): Promise<void> {
    const over = await reserve();
    await letADayPass(app.database, over.id);
    await until(async () => (await holdsOf(app.database, over.id)) === 0);
  }

  test.each(Object.entries(STATES))('that is %s is shown as such, alone and in lists', async (name, of) => {
    const made = reservationIn(name);
    const shown = await client.read(made.links.self);
    const { created_at, expires_at, ...others } = made.attributes ?? {};
    expect(shown.attributes).toMatchObject({ ...others, status: of.shown });
    if (!of.steps.includes('letADayPass')) expect(shown.attributes).toMatchObject({ created_at, expires_at });
    const { payment, purchases } = shown.relationships ?? {};
    expect(shown.relationships).toEqual({ ...made.relationships, payment, purchases });
    expect(payment?.data === null).toBe(!['paying', 'paid'].includes(of.shown));
    expect(purchases?.data).toHaveLength(of.shown === 'paid' ? 2 : 0);
    const list = await client.list(`/reservations?filter[status]=${of.shown}`);
    expect(list.find(({ id }) => id === made.id)?.attributes).toEqual(shown.attributes);
    for (const other of ['active', 'expired', 'cancelled', 'paying', 'paid'].filter((s) => s !== of.shown))
      expect(await client.ids(`/reservations?filter[status]=${other}`)).not.toContain(made.id);
  });

  const REFUSED = Object.entries(STATES).flatMap(([name, { extension }]) =>
    extension === null ? [] : [[name, extension] as const],
  );
  test.each(REFUSED)('F8 that is %s cannot be extended: %s', async (name, code) => {
    const made = await client.read(reservationIn(name).links.self);
    const before = await allRows(app.database);
    for (const expires of [later(made), new Date(Date.now() + 60_000), new Date('9999-01-01'), new Date(0)]) {
      const answer = await client.change(made, { expires_at: expires.toISOString() });
      expect(answer.status).toBe(409);
      expect(errorsOf(answer)).toMatchObject([{ code, source: AT_EXPIRY }]);
    }
    expect(await allRows(app.database)).toBe(before);
  });

  test.each(Object.keys(STATES))('that is %s takes a change of nothing', async (name) => {
    const { id, links } = reservationIn(name);
    const before = await allRows(app.database);
    const [empty, none] = [
      await client.patch(links.self, change('reservations', id, {})),
      await client.patch(links.self, { data: { type: 'reservations', id } }),
    ];
    const shown = await client.read(links.self);
    expect([dataOf(empty), dataOf(none)]).toEqual([shown, shown]);
    expect(await allRows(app.database)).toBe(before);
  });

  const CANCELLABLE = ['expired', 'cancelled', 'cancelled a day ago'];
  test.each(CANCELLABLE)('that is %s is cancelled without any effect', async (name) => {
    const { links } = reservationIn(name);
    const shown = await client.read(links.self);
    const before = await allRows(app.database);
    expect((await client.remove(links.self)).status).toBe(204);
    expect((await client.remove(links.self)).status).toBe(204);
    expect(await client.read(links.self)).toEqual(shown);
    expect(await allRows(app.database)).toBe(before);
  });

  const BUSY = Object.entries(STATES).flatMap(([name, { cancellation }]) =>
    cancellation === null ? [] : [[name, cancellation] as const],
  );
  test.each(BUSY)('that is %s cannot be cancelled: %s', async (name, code) => {
    const before = await allRows(app.database);
    const answer = await client.remove(reservationIn(name).links.self);
    expect(answer.status).toBe(409);
    const [error, ...others] = errorsOf(answer);
    expect(others).toEqual([]);
    expect(error?.code).toBe(code);
    expect(error?.source).toBeUndefined();
    expect(await allRows(app.database)).toBe(before);
  });

  test('F9 is cancelled once: its tickets are for sale again, and it stays to be read', async () => {
    const before = await countersShown();
    const made = await reserve();
    const answer = await client.remove(made.links.self);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await countersShown()).toEqual(before);
    expect(await holdsOf(app.database, made.id)).toBe(0);
    expect(await client.read(made.links.self)).toEqual({
      ...made,
      attributes: { ...made.attributes, status: 'cancelled' },
    });
    const rows = await allRows(app.database);
    expect((await client.remove(made.links.self)).status).toBe(204);
    expect(await allRows(app.database)).toBe(rows);
  });

  test('that two cancel at once gives its tickets back once', async () => {
    const before = await countersShown();
    const { links } = await reserve();
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.remove(links.self)));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(8).fill(204));
    expect(await countersShown()).toEqual(before);
  });

  test('that is being paid or has been paid holds or owns its tickets, however late it is', async () => {
    const held = [];
    for (const name of ['in payment', 'in payment, with its time over', 'paid', 'paid a day ago'])
      held.push(await holdsOf(app.database, reservationIn(name).id));
    expect(held).toEqual([2, 2, 0, 0]);
    const [[, , sold], [, , alsoSold]] = (await countersShown()) as [number[], number[]];
    expect([sold, alsoSold]).toEqual([4, 6]);
  });
});
