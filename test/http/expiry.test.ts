import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as Database } from 'pg';
import { audit } from '../../src/allocation/audit';
import { allRows, startApp, type TestApp } from '../support/app';
import { change, purchase, reservation } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { withTwoInstances } from '../support/two-instances';
import { undisturbed } from '../support/undisturbed';
import { Client } from './client';
import { clockMs, countersOf, holdsOf, letADayPass, letPass, SWEEPS, until } from './reservation-steps';
import { type Answer, dataOf, errorOf, errorsOf, idIn } from './wire';

/** Within which all that is over has been tidied up: a few intervals of the sweep. */
const TIDY_MS = 5_000;
/** For a scene that is played up to three times. */
const PLAYED_MS = 120_000;

const expiryMs = ({ attributes }: ResourceObject): number => Date.parse(String(attributes?.['expires_at']));

/** @returns how many holds there are of everything. */
async function held(database: Database): Promise<number | null> {
  return (await database.query('SELECT FROM holds')).rowCount;
}

/** @returns how many holds are over and there all the same. */
async function heldTooLong(database: Database): Promise<number | null> {
  return (await database.query('SELECT FROM holds WHERE expires_at <= now()')).rowCount;
}

/** Lets so much time pass for a reservation that it ends a little later than now. @returns it as it is then */
async function endIn(
  ms: number,
  client: Client,
  database: Database,
  made: ResourceObject,
): Promise<ResourceObject> {
  await letPass(database, made.id, expiryMs(made) - (await clockMs(database)) - ms);
  return client.read(made.links.self);
}

/** Waits until the database's clock has passed the end of a reservation. */
async function untilOver(database: Database, made: ResourceObject): Promise<void> {
  for (let now = 0; now < expiryMs(made);) {
    now = await clockMs(database);
    await sleep(Math.max(0, expiryMs(made) - now));
  }
}

describe.each(SWEEPS)('with the sweep %s, a reservation', (sweep, env) => {
  let app: TestApp;
  let client: Client;
  beforeAll(async () => {
    app = await startApp({ env });
    client = new Client(app);
  });
  afterAll(() => app.stop());
  afterEach(async () => {
    expect(await audit(app.database)).toEqual([]);
  });

  /** What is asked again and again of a reservation of all tickets there are; whether the answer says that it is over. */
  type Question = (made: ResourceObject) => Promise<boolean>;
  const optionOf = (made: ResourceObject): string => idIn(made, 'ticket_options');
  const isListed = async (made: ResourceObject, status: string): Promise<boolean> =>
    (await client.ids(`/reservations?filter[user]=${idIn(made, 'user')}&filter[status]=${status}`)).includes(
      made.id,
    );
  /** A success must have come after the end; the code is that of the refusals before. */
  const isDone = (made: ResourceObject, answer: Answer, code: string, at = 'created_at'): boolean => {
    if (answer.status >= 400) {
      expect(errorOf(answer).code).toBe(code);
      return false;
    }
    const { data } = answer.document;
    const attributes = data === undefined || Array.isArray(data) ? undefined : data.attributes;
    expect(Date.parse(String(attributes?.[at]))).toBeGreaterThanOrEqual(expiryMs(made));
    return true;
  };
  const buyFor = (made: ResourceObject, user?: string) =>
    client.post('/purchases', purchase({ ticketOption: optionOf(made), quantity: 1, ...(user && { user }) }));
  const reserveFor = (made: ResourceObject, user?: string) =>
    client.post(
      '/reservations',
      reservation({ ticketOption: optionOf(made), quantity: 4, ...(user && { user }) }),
    );

  const QUESTIONS: Readonly<Record<string, Question>> = {
    'its status': async (made) => (await client.read(made.links.self)).attributes?.['status'] === 'expired',
    'the list of what is expired': (made) => isListed(made, 'expired'),
    'the list of what is active': async (made) => !(await isListed(made, 'active')),
    'its option': async (made) => {
      const { attributes } = await client.read(`/ticket_options/${optionOf(made)}`);
      const [remaining, reserved, onSale] = ['remaining', 'reserved', 'on_sale'].map(
        (name) => attributes?.[name],
      );
      expect([4, 0]).toContain(remaining);
      expect([reserved, onSale]).toEqual([4 - Number(remaining), remaining === 4]);
      return remaining === 4;
    },
    'what is on sale of its event': async (made) =>
      (await client.ids(`/events/${idIn(made, 'event')}/ticket_options?filter[on_sale]=true`)).length === 1,
    'an extension to the same instant': async (made) => {
      const answer = await client.change(made, { expires_at: made.attributes?.['expires_at'] });
      if (answer.status === 200) return false;
      expect(errorsOf(answer)).toMatchObject([{ status: '409', code: 'reservation_expired' }]);
      return true;
    },
    'the next reservation': async (made) => isDone(made, await reserveFor(made), 'insufficient_tickets'),
    'the next purchase': async (made) => isDone(made, await buyFor(made), 'invalid_purchase_quantity'),
    'the limit of its user': async (made) =>
      isDone(made, await reserveFor(made, idIn(made, 'user')), 'user_limit_exceeded'),
    'the limit of its buyer': async (made) =>
      isDone(made, await buyFor(made, idIn(made, 'user')), 'user_limit_exceeded'),
    'a smaller allocation': async (made) => {
      const id = optionOf(made);
      const answer = await client.patch(
        `/ticket_options/${id}`,
        change('ticket_options', id, { allocation: 3 }),
      );
      return isDone(made, answer, 'allocation_below_committed', 'updated_at');
    },
  };

  test('is over at its very instant, whatever is asked', async () => {
    const watched = Object.entries(QUESTIONS).map(async ([name, isOver]) => {
      const database = new Database({ connectionString: app.databaseUrl });
      await database.connect();
      try {
        const option = await client.option({ allocation: 4, max_per_user: 4 });
        const made = await endIn(1_000, client, database, await client.reserve(option.id, 4));
        for (let over = false; !over;) {
          const askedMs = await clockMs(database);
          over = await isOver(made);
          const answeredMs = await clockMs(database);
          // An answer is true of some instant between asking and answering.
          if (over) expect([name, answeredMs >= expiryMs(made)]).toEqual([name, true]);
          else expect([name, askedMs < expiryMs(made)]).toEqual([name, true]);
        }
      } finally {
        await database.end();
      }
    });
    await Promise.all(watched);
  });

  test('that is over is cancelled without any effect, and stays expired', async () => {
    const active = await client.reserve((await client.option({ max_per_user: 4 })).id);
    const made = await endIn(0, client, app.database, active);
    // Whatever else is over goes back while the rows are compared.
    if (sweep === 'on') await until(async () => (await heldTooLong(app.database)) === 0);
    const before = await allRows(app.database);
    expect((await client.remove(made.links.self)).status).toBe(204);
    expect((await client.remove(made.links.self)).status).toBe(204);
    expect((await client.read(made.links.self)).attributes).toMatchObject({
      ...made.attributes,
      status: 'expired',
    });
    expect(await allRows(app.database)).toBe(before);
  });

  test('that was extended is over at the later instant only', async () => {
    const option = await client.option({ allocation: 2 });
    const first = await client.reserve(option.id, 2);
    const expiresAt = new Date(expiryMs(first) + 700).toISOString();
    const extended = dataOf(await client.change(first, { expires_at: expiresAt }));
    expect(extended.attributes).toMatchObject({ expires_at: expiresAt });
    // Seven tenths of a second before this one's end was the first end.
    const later = await endIn(1_400, client, app.database, extended);
    while ((await clockMs(app.database)) < expiryMs(later) - 700) await sleep(10);
    const still = await client.read(first.links.self);
    const stillMs = await clockMs(app.database);
    if (stillMs < expiryMs(later)) expect(still.attributes).toMatchObject({ status: 'active' });
    await untilOver(app.database, later);
    expect((await client.read(first.links.self)).attributes).toMatchObject({
      status: 'expired',
      expires_at: later.attributes?.['expires_at'],
    });
    await client.reserve(option.id, 2);
  });

  test('that is cancelled in time stays cancelled', async () => {
    const option = await client.option({ allocation: 2 });
    const made = await client.reserve(option.id, 2);
    await client.remove(made.links.self);
    await letADayPass(app.database, made.id);
    const { attributes } = await client.read(made.links.self);
    expect(attributes).toMatchObject({ status: 'cancelled' });
    expect((await client.read(option.links.self)).attributes).toMatchObject({ remaining: 2, reserved: 0 });
  });
});

const usersCounted = async (database: Database): Promise<number> => {
  const text = 'SELECT coalesce(sum(tickets), 0)::integer AS n FROM user_counts';
  return (await database.query<{ n: number }>(text)).rows[0]?.n ?? -1;
};

test('without the sweep, what is over stays in the rows until somebody needs it', async () => {
  const app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '0' } });
  try {
    const client = new Client(app);
    const option = await client.option({ allocation: 5, max_per_user: 4 });
    const made = [await client.reserve(option.id, 2), await client.reserve(option.id, 3)];
    for (const { id } of made) await letADayPass(app.database, id);
    await sleep(1_200); // longer than the shortest interval
    expect(await countersOf(app.database, option.id)).toEqual({ remaining: 0, reserved: 5, sold: 0 });
    expect(await usersCounted(app.database)).toBe(5);
    const { attributes } = await client.read(option.links.self);
    expect(attributes).toMatchObject({ remaining: 5, reserved: 0, on_sale: true });

    await client.post('/purchases', purchase({ ticketOption: option.id, quantity: 1 }));
    expect(await countersOf(app.database, option.id)).toEqual({ remaining: 1, reserved: 3, sold: 1 });
    const left = [];
    for (const { id } of made) left.push(await holdsOf(app.database, id));
    expect(left).toEqual([0, 1]);
    expect(await audit(app.database)).toEqual([]);
  } finally {
    await app.stop();
  }
});

describe('the sweep', () => {
  /** Plays a scene whose end must come in time, with a database of its own. */
  function playedTest(name: string, scene: () => Promise<void>): void {
    test(name, () => undisturbed(300, scene), PLAYED_MS);
  }

  playedTest('gives back what is over, of all kinds and all events, and nothing else', async () => {
    const app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '1' } });
    try {
      const client = new Client(app);
      const made: ResourceObject[] = [];
      const options: string[] = [];
      for (let n = 0; n < 3; n += 1) {
        const event = await client.event({ max_tickets_per_user: 9 });
        const both = [await client.option({ max_per_user: 4 }, event.id), await client.option({}, event.id)];
        options.push(...both.map(({ id }) => id));
        const user = randomUUID();
        made.push(
          await client.reserveSeveral(
            both.map(({ id }) => [id, 2]),
            user,
          ),
        );
        made.push(await client.reserve(both[0]?.id ?? '', 1, user));
      }
      const [first = '', second = ''] = options;
      const kept = await client.reserveSeveral([
        [first, 2],
        [second, 2],
      ]);
      const later = new Date(expiryMs(kept) + 600_000).toISOString();
      expect((await client.change(kept, { expires_at: later })).status).toBe(200);

      for (const { id } of made) await letADayPass(app.database, id);
      const last = await clockMs(app.database);
      await until(async () => (await held(app.database)) === 2);
      expect((await clockMs(app.database)) - last).toBeLessThan(TIDY_MS);
      const counters = [];
      for (const id of options) counters.push(await countersOf(app.database, id));
      expect(counters).toEqual([
        { remaining: 98, reserved: 2, sold: 0 },
        { remaining: 98, reserved: 2, sold: 0 },
        ...Array<unknown>(4).fill({ remaining: 100, reserved: 0, sold: 0 }),
      ]);
      expect(await usersCounted(app.database)).toBe(2 + 4); // of one option, and of its event
      const shown = await client.list('/reservations');
      expect(shown.map(({ attributes }) => attributes?.['status'])).toEqual([
        ...Array<string>(6).fill('expired'),
        'active',
      ]);
      expect(await audit(app.database)).toEqual([]);
    } finally {
      await app.stop();
    }
  });

  playedTest('has given back two thousand million tickets at once, and goes on', async () => {
    const app = await startApp({ env: { SWEEP_INTERVAL_SECONDS: '1' } });
    try {
      const client = new Client(app);
      const option = await client.option({ allocation: 2_147_483_647 });
      for (const quantity of [2_147_483_647, 1]) {
        const made = await client.reserve(option.id, quantity);
        const over = await endIn(0, client, app.database, made);
        await until(async () => (await held(app.database)) === 0);
        expect((await clockMs(app.database)) - expiryMs(over)).toBeLessThan(TIDY_MS);
      }
      expect(await audit(app.database)).toEqual([]);
    } finally {
      await app.stop();
    }
  });

  playedTest('of two instances gives back once what is over', async () => {
    await withTwoInstances(
      async ({ shops, client }) => {
        const [one, other] = shops;
        const options: string[] = [];
        for (let n = 0; n < 3; n += 1) {
          const event = await one.announce({ max_tickets_per_user: 9 });
          options.push(await one.offer({ allocation: 100, max_per_user: 4 }, event));
          options.push(await other.offer({ allocation: 100 }, event));
        }
        const reserve = (n: number) =>
          (n % 2 === 0 ? one : other).reserve(options[n % options.length] ?? '', 1 + (n % 3));
        const answers = await Promise.all(Array.from({ length: 120 }, (_, n) => reserve(n)));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
        const last = Math.max(
          ...answers.map(({ body }) => Date.parse(String(body.data?.attributes['expires_at']))),
        );
        await until(async () => (await held(client)) === 0);
        expect((await clockMs(client)) - last).toBeLessThan(TIDY_MS);
        for (const id of options)
          expect(await countersOf(client, id)).toEqual({ remaining: 100, reserved: 0, sold: 0 });
        expect(await usersCounted(client)).toBe(0);
        expect(await audit(client)).toEqual([]);
      },
      { env: { HOLD_SECONDS: '1', SWEEP_INTERVAL_SECONDS: '1' } },
    );
  });
});
