import { randomUUID } from 'node:crypto';
import { allRows, startApp, type TestApp } from '../support/app';
import { change, event, purchase, ticketOption } from '../support/builders';
import { untilLockWait } from '../support/lock-waits';
import { undisturbed } from '../support/undisturbed';
import { Client } from './client';
import { ask, dataOf, errorOf, errorsOf, idsIn, send } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterAll(() => app.stop());

const AT = (name: string) => ({ pointer: `/data/attributes/${name}` });
const buy = (option: string, quantity: number, user: string = randomUUID()) =>
  client.post('/purchases', purchase({ ticketOption: option, quantity, user }));

describe('creating', () => {
  test('D5 D6 D7 answers 201 with the event, whose address is in Location', async () => {
    const answer = await client.post('/events', event());
    expect(answer.status).toBe(201);
    expect(await client.read(answer.headers.location ?? '')).toEqual(dataOf(answer));
  });

  test('gives what is left out its default', async () => {
    const { attributes, relationships, links } = await client.event();
    expect(attributes).toEqual({
      name: 'Gala',
      starts_at: '2027-06-01T18:00:00.000Z',
      ends_at: null,
      description: null,
      venue: null,
      max_tickets_per_user: null,
      status: 'scheduled',
      created_at: expect.any(String) as unknown,
      updated_at: attributes?.['created_at'],
    });
    expect(relationships).toEqual({ ticket_options: { links: { related: `${links.self}/ticket_options` } } });
  });

  test('keeps what is sent', async () => {
    const sent = {
      name: '😀'.repeat(200),
      starts_at: '2027-06-01T18:00:00.000Z',
      ends_at: '2027-06-01T18:00:00.001Z',
      description: '',
      venue: 'x'.repeat(200),
      max_tickets_per_user: 2_147_483_647,
    };
    const { attributes, links } = await client.event(sent);
    expect(attributes).toMatchObject(sent);
    expect((await client.read(links.self)).attributes).toEqual(attributes);
  });

  test.each<[string, string, unknown, string]>([
    ['without a name', 'name', undefined, 'invalid_attribute'],
    ['without a date', 'starts_at', undefined, 'invalid_attribute'],
    ['with null for a date', 'starts_at', null, 'invalid_attribute'],
    ['with a date without an offset', 'starts_at', '2027-06-01T18:00:00', 'invalid_attribute'],
    ['that ends when it starts', 'ends_at', '2027-06-01T18:00:00Z', 'invalid_attribute'],
    ['with a long venue', 'venue', 'x'.repeat(201), 'invalid_attribute'],
    ['with a limit of nothing', 'max_tickets_per_user', 0, 'invalid_attribute'],
    ['with a status', 'status', 'scheduled', 'read_only'],
    ['with a date of creation', 'created_at', '2027-06-01T18:00:00Z', 'read_only'],
  ])('refuses one %s', async (_, name, value, code) => {
    const before = await allRows(app.database);
    const errors = errorsOf(await client.post('/events', event({ [name]: value })));
    const source = value === undefined ? { pointer: '/data/attributes' } : AT(name);
    expect(errors).toMatchObject([{ code, source }]);
    expect(await allRows(app.database)).toBe(before);
  });

  test('refuses to be told its ticket options', async () => {
    const document = event();
    document.data.relationships = { ticket_options: { data: [] } };
    expect(errorOf(await client.post('/events', document))).toMatchObject({
      status: '403',
      code: 'read_only',
      source: { pointer: '/data/relationships/ticket_options' },
    });
  });
});

describe('reading', () => {
  test('C2 answers 404 for an id that nothing has', async () => {
    for (const path of [`/events/${randomUUID()}`, `/events/${randomUUID()}?include=ticket_options`])
      expect(errorOf(await client.get(path))).toMatchObject({
        code: 'not_found',
        detail: 'There is no such event.',
      });
  });

  test('has no date when it was made for a lone ticket option', async () => {
    const option = await client.option({ name: 'Lone' });
    const { attributes } = await client.read(`/events/${idsIn(option, 'event')[0] ?? ''}`);
    expect(attributes).toMatchObject({ name: 'Lone', starts_at: null, status: 'scheduled' });
  });

  test('C7 B19 brings its ticket options along', async () => {
    const { id, links } = await client.event();
    const options = [await client.option({}, id), await client.option({}, id)];
    const { document } = await client.get(`${links.self}?include=ticket_options`);
    expect(document.included).toEqual(options);
    expect(document.data).toMatchObject({
      relationships: {
        ticket_options: { data: options.map((option) => ({ type: 'ticket_options', id: option.id })) },
      },
    });
  });

  test('C7 brings nothing along when there is nothing, or for an empty include', async () => {
    const { links } = await client.event();
    for (const query of ['include=ticket_options', 'include='])
      expect((await client.get(`${links.self}?${query}`)).document.included).toEqual([]);
  });

  test.each(['include=nope', 'include=ticket_options,nope', 'include=ticket_options.event'])(
    'C7 refuses %s',
    async (query) => {
      const { links } = await client.event();
      expect(errorOf(await client.get(`${links.self}?${query}`))).toMatchObject({
        status: '400',
        source: { parameter: 'include' },
      });
    },
  );

  test('C13 answers HEAD like GET, without the body', async () => {
    const { links } = await client.event();
    for (const path of [links.self, '/events', `${links.self}/ticket_options`]) {
      const { status, headers } = await client.get(path);
      const head = await send(app, { method: 'HEAD', path });
      expect([head.status, head.text]).toEqual([status, '']);
      expect(head.headers['content-type']).toBe(headers['content-type']);
      expect(head.headers['content-length']).toBe(headers['content-length']);
    }
  });
});

describe('changing', () => {
  test('F3 F5 sets what is sent and keeps the rest', async () => {
    const made = await client.event({ venue: 'Hall', description: 'x', max_tickets_per_user: 3 });
    const sent = { name: 'Other', starts_at: '2028-01-01T00:00:00.000Z', venue: null };
    const changed = dataOf(await client.change(made, sent));
    expect(changed.attributes).toEqual({
      ...made.attributes,
      ...sent,
      updated_at: changed.attributes?.['updated_at'],
    });
    expect(String(changed.attributes?.['updated_at']) > String(made.attributes?.['updated_at'])).toBe(true);
    expect(await client.read(made.links.self)).toEqual(changed);
  });

  test('answers an empty change with the event as it stands', async () => {
    const made = await client.event();
    const answers = [
      await client.change(made, {}),
      await client.patch(made.links.self, { data: { type: 'events', id: made.id } }),
    ];
    for (const answer of answers) expect(dataOf(answer)).toEqual(made);
  });

  test('F6 answers 404 for an id that nothing has', async () => {
    const id = randomUUID();
    expect(errorOf(await client.patch(`/events/${id}`, change('events', id, { name: 'x' }))).code).toBe(
      'not_found',
    );
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['an end before the start that stands', { ends_at: '2027-06-01T17:00:00Z' }, 'ends_at'],
    ['a start after the end that stands', { starts_at: '2027-06-01T23:00:00Z' }, 'starts_at'],
    ['no date', { starts_at: null }, 'starts_at'],
    ['no name', { name: null }, 'name'],
  ])('refuses %s', async (_, attributes, name) => {
    const made = await client.event({ ends_at: '2027-06-01T22:00:00Z' });
    expect(errorsOf(await client.change(made, attributes))).toMatchObject([
      { code: 'invalid_attribute', source: AT(name) },
    ]);
    expect(await client.read(made.links.self)).toEqual(made);
  });

  test('a limit holds over all its options, and counts what users have already', async () => {
    const made = await client.event();
    const [one, other] = [await client.option({}, made.id), await client.option({}, made.id)];
    const user = randomUUID();
    expect((await buy(one.id, 2, user)).status).toBe(201);
    await client.change(made, { max_tickets_per_user: 3 });
    expect(errorOf(await buy(other.id, 2, user))).toMatchObject({
      code: 'user_limit_exceeded',
      source: AT('quantity'),
      meta: { limit: 3, has: 2, per: 'event' },
    });
    const third = await client.option({}, made.id);
    expect((await buy(third.id, 1, user)).status).toBe(201);
    expect(errorOf(await buy(third.id, 1, user)).code).toBe('user_limit_exceeded');
  });
});

describe('cancelling', () => {
  test('ends all sales of it, gives back what is held, and is final', async () => {
    const made = await client.event();
    const option = await client.option({ allocation: 10 }, made.id);
    expect((await buy(option.id, 2)).status).toBe(201);
    const held = await client.reserve(option.id, 3);
    const cancelled = dataOf(await client.change(made, { status: 'cancelled' }));
    expect(cancelled.attributes).toMatchObject({ name: 'Gala', status: 'cancelled' });

    expect((await client.read(held.links.self)).attributes).toMatchObject({ status: 'cancelled' });
    const { attributes } = await client.read(option.links.self);
    expect(attributes).toMatchObject({ on_sale: false, remaining: 8, reserved: 0, sold: 2 });
    expect(errorOf(await buy(option.id, 1))).toMatchObject({
      code: 'event_cancelled',
      source: { pointer: '/data/relationships/ticket_option/data/id' },
    });
    expect(errorOf(await client.change(made, { status: 'scheduled' }))).toMatchObject({
      status: '409',
      code: 'event_cancelled',
      source: AT('status'),
    });
    expect((await client.change(made, { status: 'cancelled' })).status).toBe(200);
  });

  test('lets no option be added afterwards', async () => {
    const made = await client.event();
    await client.change(made, { status: 'cancelled' });
    const before = await allRows(app.database);
    expect(errorOf(await client.post('/ticket_options', ticketOption({}, made.id)))).toMatchObject({
      status: '409',
      code: 'event_cancelled',
      source: { pointer: '/data/relationships/event/data/id' },
    });
    expect(await allRows(app.database)).toBe(before);
  });
});

describe('an option that is added while the event changes', () => {
  /** Adds an option while the event is locked, and lets it go when the service waits for it. */
  async function addedDuring(changes: readonly string[]) {
    const { id } = await client.event();
    await client.option({}, id);
    await app.database.query('BEGIN');
    try {
      for (const text of changes) await app.database.query(text, [id]);
      const adding = client.post('/ticket_options', ticketOption({}, id));
      await untilLockWait(app.database, adding);
      await app.database.query('COMMIT');
      return { id, answer: await adding };
    } catch (error) {
      await app.database.query('ROLLBACK');
      throw error;
    }
  }

  test('is refused when it has been cancelled', () =>
    undisturbed(300, async () => {
      const { answer } = await addedDuring([`UPDATE events SET status = 'cancelled' WHERE id = $1`]);
      expect(errorOf(answer).code).toBe('event_cancelled');
    }));

  test('counts users when the others do, though the limit has gone again', () =>
    undisturbed(300, async () => {
      const { answer } = await addedDuring([
        `UPDATE events SET updated_at = updated_at WHERE id = $1`,
        `UPDATE ticket_options SET event_counts_users = true WHERE event_id = $1`,
      ]);
      const { rows } = await app.database.query(
        'SELECT event_max_per_user, event_counts_users FROM ticket_options WHERE id = $1',
        [dataOf(answer).id],
      );
      expect(rows).toEqual([{ event_max_per_user: null, event_counts_users: true }]);
    }));
});

describe('deleting', () => {
  test('F9 takes its ticket options along', async () => {
    const made = await client.event();
    const option = await client.option({}, made.id);
    const answer = await client.remove(made.links.self);
    expect(answer.status).toBe(204);
    expect((await client.get(made.links.self)).status).toBe(404);
    expect((await client.get(option.links.self)).status).toBe(404);
    expect((await client.remove(made.links.self)).status).toBe(404);
  });

  test('is refused once something was reserved, though it is free again', async () => {
    const made = await client.event();
    const held = await client.reserve((await client.option({}, made.id)).id);
    expect((await client.remove(held.links.self)).status).toBe(204);
    const error = errorOf(await client.remove(made.links.self));
    expect(error).toMatchObject({ status: '409', code: 'event_in_use' });
    expect(await client.read(made.links.self)).toEqual(made);
  });
});

describe('methods that are not offered', () => {
  test.each([
    ['/events', 'GET, HEAD, POST', ['PUT', 'PATCH', 'DELETE']],
    ['/events/{id}', 'GET, HEAD, PATCH, DELETE', ['POST', 'PUT']],
    ['/events/{id}/ticket_options', 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE']],
  ])('at %s are answered 405, with Allow: %s', async (template, allow, methods) => {
    const path = template.replace('{id}', randomUUID());
    for (const method of methods) {
      const answer = await ask(app, { method, path });
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
    }
  });
});
