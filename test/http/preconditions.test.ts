import { audit } from '../../src/allocation/audit';
import { isKnown } from '../../src/json-api/preconditions';
import { startApp, type TestApp } from '../support/app';
import { change, event, purchase, reservation, ticketOption } from '../support/builders';
import { headerProblems, type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { type Answer, ask, dataOf, errorOf, json, send } from './wire';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterEach(async () => {
  expect(await audit(app.database)).toEqual([]);
});
afterAll(() => app.stop());

type Headers = Readonly<Record<string, string>>;

function tagOf({ headers, text }: Pick<Answer, 'headers' | 'text'>): string {
  if (typeof headers.etag !== 'string') throw new Error(`no ETag with ${text}`);
  return headers.etag;
}

const pathOf = ({ type, id }: ResourceObject): string => `/${type}/${id}`;

async function read(path: string): Promise<Answer> {
  const answer = await client.get(path);
  expect(answer.status).toBe(200);
  return answer;
}

function patch(of: ResourceObject, attributes: Record<string, unknown>, headers: Headers): Promise<Answer> {
  const body = json(change(of.type, of.id, attributes));
  return ask(app, { method: 'PATCH', path: pathOf(of), body, headers });
}

function remove(of: ResourceObject, headers: Headers): Promise<Answer> {
  return ask(app, { method: 'DELETE', path: pathOf(of), headers });
}

/** What organisers change, made anew for each test. */
const MADE = [
  ['an event', () => client.event()],
  ['a ticket option', () => client.option()],
] as const;

describe('the entity tag of a single resource', () => {
  test('is a strong one on every address that answers one', async () => {
    const option = await client.option({ kind: 'vip' });
    const bought = dataOf(await client.post('/purchases', purchase({ ticketOption: option.id })));
    const held = await client.reserve(option.id);
    const eventId = option.relationships?.['event']?.data as { id: string };
    for (const path of [
      `/events/${eventId.id}`,
      `/ticket_options/${option.id}`,
      `/purchases/${bought.id}`,
      `/purchases/${bought.id}/tickets/1`,
      `/reservations/${held.id}`,
      `/statistics/events/${eventId.id}`,
      '/statistics/kinds/vip',
      '/statistics/totals',
    ])
      expect(tagOf(await read(path))).toMatch(/^"(?:[0-9a-z]+-)?[\w-]{16}"$/);
  });

  test('stays while the document does, and moves with it', async () => {
    const option = await client.option();
    const before = tagOf(await read(pathOf(option)));
    expect(tagOf(await read(pathOf(option)))).toBe(before);
    await client.post('/purchases', purchase({ ticketOption: option.id }));
    expect(tagOf(await read(pathOf(option)))).not.toBe(before);
  });

  test('is another one for other fields and for what comes along', async () => {
    const option = await client.option();
    const tags = ['', '?fields[ticket_options]=name', '?include=event'].map(async (query) =>
      tagOf(await read(pathOf(option) + query)),
    );
    expect(new Set(await Promise.all(tags)).size).toBe(3);
  });

  test('comes with what was created and changed, as a read has it', async () => {
    for (const [path, document] of [
      ['/events', event()],
      ['/ticket_options', ticketOption()],
    ] as const) {
      const created = await client.post(path, document);
      const changed = await patch(dataOf(created), { name: 'Other' }, { 'if-match': tagOf(created) });
      expect(changed.status).toBe(200);
      expect(tagOf(await read(pathOf(dataOf(created))))).toBe(tagOf(changed));
    }
  });

  test('lists have none', async () => {
    expect((await client.get('/events')).headers).not.toHaveProperty('etag');
  });
});

describe('If-None-Match', () => {
  test.each(['GET', 'HEAD'])('is answered 304 by %s with nothing but headers', async (method) => {
    const path = pathOf(await client.option());
    const etag = tagOf(await read(path));
    for (const given of [etag, `W/${etag}`, `"other", ${etag}`, `,${etag},`, '*']) {
      const answer = await send(app, { method, path, headers: { 'if-none-match': given } });
      expect(answer).toMatchObject({ status: 304, text: '', headers: { etag } });
      expect(answer.headers).not.toHaveProperty('content-type');
      // The length is that of the document, or is not told (RFC 9110, 8.6).
      const { 'content-length': length } = (await send(app, { method: 'HEAD', path })).headers;
      expect(answer.headers['content-length']).toBe(method === 'HEAD' ? length : undefined);
      expect(headerProblems(answer)).toEqual([]);
    }
  });

  test.each(['"other"', 'no quotes', '"a" "b"', '""', 'W/', '"'.repeat(9_000)])(
    'with anything else gets the document: %s',
    async (given) => {
      const path = pathOf(await client.option());
      const answer = await ask(app, { method: 'GET', path, headers: { 'if-none-match': given } });
      expect(answer.status).toBe(200);
    },
  );

  test('is read in one go, however long the list is', () => {
    const etag = '"AAAAAAAAAAAAAAAA"';
    const passMs = Array.from({ length: 5 }, () => {
      const startMs = performance.now();
      for (const between of [',', ' ', ', ', '"a",', 'W/"a" ,'])
        for (const end of ['x', '"', ''])
          isKnown(`"a",${between.repeat(16_000 / between.length)}${end}`, etag);
      return performance.now() - startMs;
    });
    // Quadratic, each list takes that long, in every pass.
    expect(Math.min(...passMs)).toBeLessThan(100);
  });

  test('does not hide that there is nothing', async () => {
    const path = '/events/0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3aff';
    const answer = await ask(app, { method: 'GET', path, headers: { 'if-none-match': '*' } });
    expect(errorOf(answer).code).toBe('not_found');
  });
});

describe.each(MADE)('If-Match on a change of %s', (_what, make) => {
  test('lets it pass while nobody was first, and refuses it afterwards', async () => {
    const made = await make();
    const etag = tagOf(await read(pathOf(made)));
    expect((await patch(made, { name: 'First' }, { 'if-match': etag })).status).toBe(200);
    const second = await patch(made, { name: 'Second' }, { 'if-match': etag });
    expect(second.status).toBe(412);
    expect(errorOf(second)).toMatchObject({ code: 'precondition_failed', source: { header: 'If-Match' } });
    expect((await client.read(pathOf(made))).attributes?.['name']).toBe('First');
  });

  test('takes one of several tags, and the tag of any representation', async () => {
    const made = await make();
    const short = tagOf(await read(`${pathOf(made)}?fields[${made.type}]=name`));
    const given = `"other", ${short}`;
    expect((await patch(made, { name: 'Other' }, { 'if-match': given })).status).toBe(200);
  });

  test('with * is no condition', async () => {
    const made = await make();
    expect((await patch(made, { name: 'Other' }, { 'if-match': '*' })).status).toBe(200);
  });

  test('matches no weak tag', async () => {
    const made = await make();
    const etag = tagOf(await read(pathOf(made)));
    expect((await patch(made, { name: 'Other' }, { 'if-match': `W/${etag}` })).status).toBe(412);
  });

  test('is looked at also when nothing would change', async () => {
    const made = await make();
    const etag = tagOf(await read(pathOf(made)));
    expect((await patch(made, {}, { 'if-match': etag })).status).toBe(200);
    expect((await patch(made, {}, { 'if-match': '"0-AAAAAAAAAAAAAAAA"' })).status).toBe(412);
  });

  test.each(['', 'abc', '"', 'W/', '"a" "b"', '*, "a"', `${'"a",'.repeat(500)}b`])(
    'is refused where it is none: %s',
    async (given) => {
      const made = await make();
      const refused = await patch(made, { name: 'Other' }, { 'if-match': given });
      expect(refused.status).toBe(400);
      expect(errorOf(refused)).toMatchObject({ code: 'invalid_header', source: { header: 'If-Match' } });
      expect((await client.read(pathOf(made))).attributes).toEqual(made.attributes);
    },
  );

  test('comes behind what is wrong with the document, and before what the change itself is refused for', async () => {
    const made = await make();
    const stale = { 'if-match': '"0-AAAAAAAAAAAAAAAA"' };
    expect((await patch(made, { name: 5 }, stale)).status).toBe(400);
    const window =
      made.type === 'events' ? { ends_at: '2001-01-01T00:00:00Z' } : { sales_end_at: '2001-01-01T00:00:00Z' };
    const start = made.type === 'events' ? 'starts_at' : 'sales_start_at';
    expect((await patch(made, { [start]: '2031-01-01T00:00:00Z' }, {})).status).toBe(200);
    expect((await patch(made, window, {})).status).toBe(400);
    expect((await patch(made, window, stale)).status).toBe(412);
  });

  test('does not hide that there is nothing (RFC 9110, 13.2.1)', async () => {
    const made = await make();
    await remove(made, {});
    const stale = { 'if-match': '"0-AAAAAAAAAAAAAAAA"' };
    expect((await patch(made, { name: 'Other' }, stale)).status).toBe(404);
    expect((await remove(made, stale)).status).toBe(404);
  });

  test('guards its deletion', async () => {
    const made = await make();
    const etag = tagOf(await read(pathOf(made)));
    await patch(made, { name: 'Other' }, {});
    expect(errorOf(await remove(made, { 'if-match': etag })).code).toBe('precondition_failed');
    expect((await remove(made, { 'if-match': tagOf(await read(pathOf(made))) })).status).toBe(204);
  });

  test('makes another request of it: the same key with another tag is refused', async () => {
    const made = await make();
    const etag = tagOf(await read(pathOf(made)));
    const key = { 'idempotency-key': `key of ${made.id}`.replaceAll(' ', '-') };
    const first = await patch(made, { name: 'Other' }, { ...key, 'if-match': etag });
    const again = await patch(made, { name: 'Other' }, { ...key, 'if-match': etag });
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    const other = await patch(made, { name: 'Other' }, { ...key, 'if-match': tagOf(first) });
    expect(errorOf(other).code).toBe('idempotency_key_reused');
  });

  test('lets one of ten pass that come at once', async () => {
    const made = await make();
    const etag = tagOf(await read(pathOf(made)));
    const names = Array.from({ length: 10 }, (_, n) => `Name ${n}`);
    const answers = await Promise.all(names.map((name) => patch(made, { name }, { 'if-match': etag })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(412)]);
    const winner = names[answers.findIndex(({ status }) => status === 200)];
    expect((await client.read(pathOf(made))).attributes?.['name']).toBe(winner);
  });

  test('goes with a version that is never used twice, even when the clock stands still', async () => {
    const made = await make();
    const table = made.type;
    await app.database.query(`UPDATE ${table} SET updated_at = now() + interval '1 day' WHERE id = $1`, [
      made.id,
    ]);
    const before = tagOf(await read(pathOf(made)));
    const there = tagOf(await patch(made, { name: 'There' }, {}));
    const back = tagOf(await patch(made, { name: String(made.attributes?.['name']) }, {}));
    expect(new Set([before, there, back].map((tag) => tag.split('-')[0])).size).toBe(3);
  });
});

describe('a ticket option that is being sold', () => {
  test('can be changed all the same: sales are no change by somebody else', async () => {
    const option = await client.option();
    const etag = tagOf(await read(pathOf(option)));
    await client.post('/purchases', purchase({ ticketOption: option.id }));
    await client.post('/reservations', reservation({ ticketOption: option.id }));
    expect((await patch(option, { name: 'Other' }, { 'if-match': etag })).status).toBe(200);
  });

  test('keeps its version when its event is cancelled', async () => {
    const event = await client.event();
    const option = await client.option({}, event.id);
    const etag = tagOf(await read(pathOf(option)));
    await client.change(event, { status: 'cancelled' });
    expect((await patch(option, { name: 'Other' }, { 'if-match': etag })).status).toBe(200);
  });
});

describe('what nobody would look at', () => {
  test('If-Match on a change that does not take it is refused', async () => {
    const held = await client.reserve((await client.option()).id);
    const etag = tagOf(await read(pathOf(held)));
    const until = { expires_at: new Date(Date.now() + 1_200_000).toISOString() };
    for (const refused of [
      await patch(held, until, { 'if-match': etag }),
      await remove(held, { 'if-match': etag }),
    ])
      expect(errorOf(refused)).toMatchObject({ code: 'invalid_header', source: { header: 'If-Match' } });
    expect((await client.read(pathOf(held))).attributes?.['status']).toBe('active');
  });

  test.each(MADE)('If-None-Match on a change of %s is refused', async (_what, make) => {
    const made = await make();
    const etag = tagOf(await read(pathOf(made)));
    for (const refused of [
      await patch(made, { name: 'Other' }, { 'if-none-match': etag }),
      await remove(made, { 'if-none-match': '*' }),
    ])
      expect(errorOf(refused)).toMatchObject({ code: 'invalid_header', source: { header: 'If-None-Match' } });
  });
});
