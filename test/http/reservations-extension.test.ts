import { randomUUID } from 'node:crypto';
import { audit } from '../../src/allocation/audit';
import { DatabaseService } from '../../src/database/database.service';
import { allRows, listen, startApp, type TestApp } from '../support/app';
import { change } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { SWEEPS } from './reservation-steps';
import { type Answer, dataOf, errorOf, errorsOf } from './wire';

const AT_EXPIRY = { pointer: '/data/attributes/expires_at' };
const HOLD_SECONDS = 600;
const HOLD_MAX_SECONDS = 1_200;

describe.each(SWEEPS)('with the sweep %s', (_, env) => {
  let app: TestApp;
  let client: Client;
  let made: ResourceObject;
  beforeAll(async () => {
    app = await startApp({
      env: { ...env, HOLD_SECONDS: String(HOLD_SECONDS), HOLD_MAX_SECONDS: String(HOLD_MAX_SECONDS) },
    });
    client = new Client(app);
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    const event = await client.event({ max_tickets_per_user: 5 });
    const options = [await client.option({ price_cents: 500 }, event.id), await client.option({}, event.id)];
    made = await client.reserveSeveral(options.map(({ id }) => [id, 2]));
  });
  afterEach(async () => {
    expect(await audit(app.database)).toEqual([]);
  });

  /** @returns the instant that many seconds after the reservation was made, and so many milliseconds. */
  const after = (seconds: number, milliseconds = 0): string => {
    const createdMs = Date.parse(String(made.attributes?.['created_at']));
    return new Date(createdMs + seconds * 1_000 + milliseconds).toISOString();
  };
  const extend = (expiresAt: unknown): Promise<Answer> => client.change(made, { expires_at: expiresAt });
  const expiriesOfHolds = async (): Promise<string[]> => {
    const text = 'SELECT expires_at FROM holds WHERE reservation_id = $1';
    const { rows } = await app.database.query<{ expires_at: Date }>(text, [made.id]);
    return rows.map(({ expires_at }) => expires_at.toISOString());
  };

  test('a reservation lasts for as long as is configured', () => {
    expect(made.attributes).toMatchObject({ status: 'active', expires_at: after(HOLD_SECONDS) });
  });

  test('F5 a later instant is answered with the reservation as it is then', async () => {
    const until = after(HOLD_SECONDS, 1);
    const answer = await extend(until);
    expect(answer.status).toBe(200);
    expect(dataOf(answer)).toEqual({ ...made, attributes: { ...made.attributes, expires_at: until } });
    expect(await client.read(made.links.self)).toEqual(dataOf(answer));
    expect(await expiriesOfHolds()).toEqual([until, until]);
  });

  test('several extensions go on from one another', async () => {
    for (const seconds of [700, 700, 900, 1_199]) {
      expect((await extend(after(seconds))).status).toBe(200);
      expect(await expiriesOfHolds()).toEqual([after(seconds), after(seconds)]);
    }
  });

  test('the same instant again changes nothing, and is a success', async () => {
    const before = await allRows(app.database);
    for (const expires of [made.attributes?.['expires_at'], after(HOLD_SECONDS)]) {
      const answer = await extend(expires);
      expect(answer.status).toBe(200);
      expect(dataOf(answer)).toEqual(made);
    }
    expect(await allRows(app.database)).toBe(before);
  });

  test('the same instant may be written in another way', async () => {
    const instant = after(800);
    const shifted = new Date(Date.parse(instant) + 5_400_000).toISOString();
    const written = [
      instant.replace('Z', '+00:00'),
      shifted.replace('Z', '+01:30'),
      instant.replace('Z', '999z').replace('T', 't'),
    ];
    for (const text of written)
      expect(dataOf(await extend(text)).attributes).toMatchObject({ expires_at: instant });
  });

  test.each([
    ['by a millisecond', HOLD_SECONDS, -1],
    ['to when it was made', 0, 0],
    ['into the past', -1_000_000, 0],
  ])('an earlier instant is refused: %s', async (__, seconds, milliseconds) => {
    const before = await allRows(app.database);
    const answer = await extend(after(seconds, milliseconds));
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)).toMatchObject([{ code: 'invalid_attribute', source: AT_EXPIRY }]);
    expect(errorOf(answer).detail).toContain(after(HOLD_SECONDS));
    expect(await allRows(app.database)).toBe(before);
  });

  test('it can last exactly until the limit', async () => {
    const answer = await extend(after(HOLD_MAX_SECONDS));
    expect(dataOf(answer).attributes).toMatchObject({ expires_at: after(HOLD_MAX_SECONDS) });
    expect((await extend(after(HOLD_MAX_SECONDS))).status).toBe(200);
  });

  test.each([
    ['by a millisecond', () => after(HOLD_MAX_SECONDS, 1)],
    ['by far', () => '9999-12-31T23:59:59.999Z'],
  ])('past the limit it is refused, which meta tells: %s', async (__, until) => {
    for (const extended of [HOLD_SECONDS, 900, HOLD_MAX_SECONDS]) {
      await extend(after(extended));
      const before = await allRows(app.database);
      const answer = await extend(until());
      expect(answer.status).toBe(409);
      const [error, ...others] = errorsOf(answer);
      expect(others).toEqual([]);
      expect(error).toMatchObject({ code: 'extension_limit_reached', source: AT_EXPIRY });
      expect(error?.meta).toEqual({ latest: after(HOLD_MAX_SECONDS) });
      expect(await allRows(app.database)).toBe(before);
    }
  });

  test('several at once leave the latest instant that was granted', async () => {
    const seconds = [1_100, 700, 1_000, 601, 900, 800];
    const answers = await Promise.all(seconds.map((wanted) => extend(after(wanted))));
    for (const [index, { status }] of answers.entries())
      expect(index === 0 ? [200] : [200, 400]).toContain(status);
    expect((await client.read(made.links.self)).attributes).toMatchObject({ expires_at: after(1_100) });
    expect(await expiriesOfHolds()).toEqual([after(1_100), after(1_100)]);
  });

  test('F6 of nothing is 404', async () => {
    const id = randomUUID();
    const answer = await client.patch(
      `/reservations/${id}`,
      change('reservations', id, { expires_at: after(700) }),
    );
    expect(errorsOf(answer)).toMatchObject([
      { status: '404', code: 'not_found', detail: 'There is no such reservation.' },
    ]);
    expect(errorOf(answer).source).toBeUndefined();
  });
});

test('by default a reservation lasts for 15 minutes, and for an hour at most', async () => {
  const app = await startApp({ env: { HOLD_SECONDS: '', HOLD_MAX_SECONDS: '' } });
  try {
    const client = new Client(app);
    const made = await client.reserve((await client.option()).id);
    const createdMs = Date.parse(String(made.attributes?.['created_at']));
    const after = (minutes: number): string => new Date(createdMs + minutes * 60_000).toISOString();
    expect(made.attributes).toMatchObject({ expires_at: after(15) });
    expect((await client.change(made, { expires_at: after(60) })).status).toBe(200);
    const { code, meta } = errorOf(await client.change(made, { expires_at: after(60.0001) }));
    expect([code, meta]).toEqual(['extension_limit_reached', { latest: after(60) }]);
  } finally {
    await app.stop();
  }
});

test('where the limit is what it lasts for, it cannot be extended at all', async () => {
  const app = await startApp({ env: { HOLD_SECONDS: '100', HOLD_MAX_SECONDS: '100' } });
  try {
    const client = new Client(app);
    const made = await client.reserve((await client.option()).id);
    const expiresMs = Date.parse(String(made.attributes?.['expires_at']));
    const by = (ms: number) => client.change(made, { expires_at: new Date(expiresMs + ms).toISOString() });
    expect((await by(0)).status).toBe(200);
    expect(errorOf(await by(1)).code).toBe('extension_limit_reached');
  } finally {
    await app.stop();
  }
});

test('what was granted under a longer limit can stay, but not grow', async () => {
  const app = await startApp({ env: { HOLD_SECONDS: '60', HOLD_MAX_SECONDS: '1000' } });
  const stricter = await listen(app.databaseUrl, { HOLD_SECONDS: '60', HOLD_MAX_SECONDS: '90' });
  try {
    await stricter.nest.get(DatabaseService).start();
    const [client, strict] = [new Client(app), new Client(stricter)];
    const made = await client.reserve((await client.option()).id);
    const createdMs = Date.parse(String(made.attributes?.['created_at']));
    const after = (ms: number): string => new Date(createdMs + ms).toISOString();
    const extend = (by: Client, expiresAt: string) => by.change(made, { expires_at: expiresAt });
    expect((await extend(client, after(1_000_000))).status).toBe(200);
    expect((await extend(strict, after(1_000_000))).status).toBe(200);
    const { code, meta } = errorOf(await extend(strict, after(1_000_001)));
    expect([code, meta]).toEqual(['extension_limit_reached', { latest: after(90_000) }]);
    expect(errorOf(await extend(strict, after(90_000))).code).toBe('invalid_attribute');
  } finally {
    await stricter.nest.close();
    await app.stop();
  }
});
