import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { startApp, type TestApp } from '../support/app';
import { purchase, ticketOption } from '../support/builders';
import { checkedDocument, headerProblems } from '../support/json-api-document';
import { type Answer, ask, dataOf, errorOf, errorsOf, idIn, J, json, send } from './wire';

/** As published. */
const EXAMPLE = `{
    "data": {
        "type": "ticket_options",
        "attributes": {
            "name": "example",
            "description": "sample description",
            "allocation": 100
        }
    }
}
`;

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const post = (body: unknown, query = ''): Promise<Answer> =>
  ask(app, {
    method: 'POST',
    path: `/ticket_options${query}`,
    body: typeof body === 'string' ? body : json(body),
  });
const get = (path: string): Promise<Answer> => ask(app, { method: 'GET', path });

/** Creates an option and reads it again. */
async function created(attributes: Record<string, unknown>) {
  const made = dataOf(await post(ticketOption(attributes)));
  return { made, read: dataOf(await get(made.links.self)) };
}

describe('the published contract', () => {
  test('creates a ticket option from the example, and answers with the members printed there', async () => {
    const response = await supertest(app.server).post('/ticket_options').set('Content-Type', J).send(EXAMPLE);
    expect(response.status).toBe(201);
    const { data } = checkedDocument(response, { method: 'POST', path: '/ticket_options', body: EXAMPLE });
    expect(data).toMatchObject({
      type: 'ticket_options',
      id: expect.any(String) as unknown,
      attributes: { name: 'example', description: 'sample description', allocation: 100 },
    });
  });

  test('reads the ticket option back with the members printed there', async () => {
    const { id } = dataOf(await post(EXAMPLE));
    const response = await supertest(app.server).get(`/ticket_options/${id}`);
    expect(response.status).toBe(200);
    const { data } = checkedDocument(response, { method: 'GET', path: `/ticket_options/${id}` });
    expect(data).toMatchObject({
      type: 'ticket_options',
      id,
      attributes: { name: 'example', description: 'sample description', allocation: 100 },
    });
  });

  test('allocation is the total: buying changes remaining and sold', async () => {
    const { id, links } = dataOf(await post(EXAMPLE));
    await ask(app, {
      method: 'POST',
      path: '/purchases',
      body: json(purchase({ ticketOption: id, quantity: 3 })),
    });
    const { attributes } = dataOf(await get(links.self));
    expect(attributes).toMatchObject({ allocation: 100, remaining: 97, sold: 3, reserved: 0 });
  });
});

describe('creating', () => {
  test('D5 D6 D7 answers 201 with the resource, whose address is in Location', async () => {
    const answer = await post(EXAMPLE);
    expect(answer.status).toBe(201);
    const { location = '' } = answer.headers;
    expect(location).toBe(dataOf(answer).links.self);
    expect(dataOf(await get(location))).toEqual(dataOf(answer));
  });

  test('D3 makes ids of version 7, which grow', async () => {
    const first = dataOf(await post(EXAMPLE)).id;
    const second = dataOf(await post(EXAMPLE)).id;
    expect(first[14]).toBe('7');
    expect(second > first).toBe(true);
  });

  test('gives what is left out its default', async () => {
    const { attributes } = dataOf(
      await post({ data: { type: 'ticket_options', attributes: { name: 'n', allocation: 7 } } }),
    );
    expect(attributes).toEqual({
      name: 'n',
      description: null,
      allocation: 7,
      kind: null,
      price_cents: 0,
      max_per_user: null,
      max_per_order: null,
      sales_start_at: null,
      sales_end_at: null,
      number: expect.any(Number) as unknown,
      remaining: 7,
      reserved: 0,
      sold: 0,
      on_sale: true,
      currency: 'EUR',
      created_at: expect.any(String) as unknown,
      updated_at: attributes?.['created_at'],
    });
  });

  test('dates it by the clock of the database', async () => {
    const clock = async (): Promise<number> => {
      const { rows } = await app.database.query<{ now: Date }>(
        'SELECT clock_timestamp()::timestamptz(3) AS now',
      );
      return rows[0]?.now.getTime() ?? NaN;
    };
    const before = await clock();
    const { made } = await created({});
    const at = Date.parse(String(made.attributes?.['created_at']));
    expect(at).toBeGreaterThanOrEqual(before - 1); // rounded there, cut off here
    expect(at).toBeLessThanOrEqual(await clock());
  });

  test('numbers options one after the other', async () => {
    const first = Number((await created({})).made.attributes?.['number']);
    expect((await created({})).made.attributes?.['number']).toBe(first + 1);
  });

  const LONG = '😀'.repeat(10_000);
  test.each<[string, string, unknown]>([
    ['one character', 'name', 'x'],
    ['200 code points outside the BMP', 'name', '😀'.repeat(200)],
    ['white space around a word', 'name', '  x\t'],
    ['quotes, backslashes and control characters', 'name', '"\\/\b\f\n\r\t\u0001\u007f'],
    ['separators that JavaScript once took for line ends', 'name', '\u2028\u2029'.concat('x')],
    ['markup', 'name', '<script>alert(1)</script>&amp;'],
    ['SQL', 'name', "'); DROP TABLE purchases; --"],
    ['a name of a member of Object.prototype', 'name', '__proto__'],
    ['a byte order mark inside', 'name', 'a\ufeffb'],
    ['null', 'description', null],
    ['nothing', 'description', ''],
    ['white space only', 'description', ' '],
    ['10,000 code points outside the BMP', 'description', LONG],
    ['null', 'kind', null],
    ['50 code points outside the BMP', 'kind', '😀'.repeat(50)],
    ['nothing to sell', 'allocation', 0],
    ['the most that fits', 'allocation', 2_147_483_647],
    ['no price', 'price_cents', 0],
    ['the highest price', 'price_cents', 100_000_000],
    ['null', 'max_per_user', null],
    ['the least', 'max_per_user', 1],
    ['the most that fits', 'max_per_user', 2_147_483_647],
    ['null', 'max_per_order', null],
    ['the least', 'max_per_order', 1],
    ['the most that fits', 'max_per_order', 2_147_483_647],
    ['null', 'sales_start_at', null],
    ['null', 'sales_end_at', null],
  ])('keeps %s as %s', async (_, name, value) => {
    const { made, read } = await created({ [name]: value });
    expect(made.attributes).toHaveProperty([name], value);
    expect(read).toEqual(made);
  });

  test.each([
    ['2026-06-01T10:00:00Z', '2026-06-01T10:00:00.000Z'],
    ['2026-06-01t10:00:00z', '2026-06-01T10:00:00.000Z'],
    ['2026-06-01T12:00:00+02:00', '2026-06-01T10:00:00.000Z'],
    ['2026-06-01T04:30:00-05:30', '2026-06-01T10:00:00.000Z'],
    ['2026-06-01T10:00:00-00:00', '2026-06-01T10:00:00.000Z'],
    ['2026-06-01T10:00:00.5Z', '2026-06-01T10:00:00.500Z'],
    ['2026-06-01T10:00:00.123999999Z', '2026-06-01T10:00:00.123Z'],
    ['2028-02-29T23:59:59.999-23:59', '2028-03-01T23:58:59.999Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('answers the instant %s in UTC with milliseconds', async (sent, answered) => {
    const { made, read } = await created({ sales_start_at: sent });
    expect(made.attributes?.['sales_start_at']).toBe(answered);
    expect(read.attributes?.['sales_start_at']).toBe(answered);
  });

  test.each([
    ['100.0', 100],
    ['1E2', 100],
    ['1000e-1', 100],
    ['-0', 0],
    ['0e400', 0],
  ])('takes the number %s for what it is', async (text, value) => {
    const { attributes } = dataOf(await post(EXAMPLE.replace('100', text)));
    expect(attributes).toMatchObject({ allocation: value, remaining: value });
  });

  test.each([
    ['something remains', {}, true],
    ['sales have started', { sales_start_at: '2020-01-01T00:00:00Z' }, true],
    ['sales have not ended', { sales_end_at: '9999-01-01T00:00:00Z' }, true],
    ['it has a price', { price_cents: 5 }, true],
    ['nothing remains', { allocation: 0 }, false],
    ['sales have not started', { sales_start_at: '9999-01-01T00:00:00Z' }, false],
    ['sales have ended', { sales_end_at: '2020-01-01T00:00:00Z' }, false],
  ])('when %s, on_sale says so', async (_, attributes, onSale) => {
    const { made, read } = await created(attributes);
    expect(made.attributes?.['on_sale']).toBe(onSale);
    expect(read.attributes?.['on_sale']).toBe(onSale);
  });

  test('B5 A15 ignores members that JSON:API does not know, lid among them, and does not echo them', async () => {
    const document = ticketOption({ '@a': 1 });
    Object.assign(document.data, {
      lid: 'x1',
      foo: 'echo',
      links: 5,
      '@b': 'echo',
      relationships: { '@c': 5 },
    });
    const answer = await post({
      ...document,
      jsonapi: { ext: ['https://e.x/none'] },
      foo: 'echo',
      included: [5],
    });
    expect(answer.status).toBe(201);
    expect(answer.text).not.toContain('echo');
    expect(answer.text).not.toContain('x1');
  });
});

describe('the event of a ticket option', () => {
  const eventOf = (answer: Answer): string => idIn(dataOf(answer), 'event');

  test('is one of its own with the same name and no date, when none is named', async () => {
    const answer = await post(ticketOption({ name: 'Gala' }));
    const { rows } = await app.database.query('SELECT * FROM events WHERE id = $1', [eventOf(answer)]);
    expect(rows).toMatchObject([{ name: 'Gala', starts_at: null, ends_at: null, venue: null }]);
  });

  test('is one of its own as well when null is named', async () => {
    const document = { ...ticketOption().data, relationships: { event: { data: null } } };
    const [first, second] = [await post({ data: document }), await post({ data: document })];
    expect(eventOf(first)).not.toBe('');
    expect(eventOf(first)).not.toBe(eventOf(second));
  });

  test('is the one that is named, in any case of letters', async () => {
    const event = eventOf(await post(ticketOption()));
    for (const id of [event, event.toUpperCase()]) {
      const answer = await post(ticketOption({}, id));
      expect(answer.status).toBe(201);
      expect(eventOf(answer)).toBe(event);
      expect(eventOf(await get(dataOf(answer).links.self))).toBe(event);
    }
  });

  test.each([
    ['unknown', randomUUID()],
    ['malformed', 'abc'],
    ['the id of an option', ''],
  ])('D8 is refused when it is %s, and nothing is created', async (_, id) => {
    const { id: option } = dataOf(await post(ticketOption()));
    const count = 'SELECT count(*) FROM ticket_options';
    const before = (await app.database.query(count)).rows;
    const answer = await post(ticketOption({}, id === '' ? option : id));
    expect(errorsOf(answer)).toMatchObject([
      { status: '404', code: 'not_found', source: { pointer: '/data/relationships/event/data/id' } },
    ]);
    expect((await app.database.query(count)).rows).toEqual(before);
  });
});

describe('sparse fieldsets', () => {
  test('C8 leave only the attributes and relationships that are named', async () => {
    const { links } = dataOf(await post(ticketOption()));
    const data = dataOf(await get(`${links.self}?fields[ticket_options]=allocation,event`));
    expect(data.attributes).toEqual({ allocation: 100 });
    expect(Object.keys(data.relationships ?? {})).toEqual(['event']);
  });

  test('C8 leave neither group for an empty value', async () => {
    const { links } = dataOf(await post(ticketOption()));
    const data = dataOf(await get(`${links.self}?fields[ticket_options]=`));
    expect(Object.keys(data)).toEqual(['type', 'id', 'links']);
  });

  test('C8 work on the answer to a POST as well', async () => {
    const answer = await post(EXAMPLE, '?fields[ticket_options]=name');
    expect(answer.status).toBe(201);
    expect(dataOf(answer).attributes).toEqual({ name: 'example' });
    expect(dataOf(answer).relationships).toBeUndefined();
  });

  test('C8 of another type are taken, and leave this one whole', async () => {
    const { links } = dataOf(await post(ticketOption()));
    const whole = dataOf(await get(links.self));
    expect(dataOf(await get(`${links.self}?fields[purchases]=quantity`))).toEqual(whole);
  });

  test('E3 E4 mean the same with brackets and commas encoded', async () => {
    const { links } = dataOf(await post(ticketOption()));
    const raw = await get(`${links.self}?fields[ticket_options]=name,kind`);
    for (const query of ['fields%5Bticket_options%5D=name%2Ckind', '&fields%5bticket%5Foptions]=name,kind&'])
      expect((await get(`${links.self}?${query}`)).text).toBe(raw.text);
  });

  test('B17 B18 the link of the document leads to the same document, with its brackets encoded', async () => {
    const { links } = dataOf(await post(ticketOption()));
    const answer = await get(`${links.self}?fields[ticket_options]=name`);
    const self = answer.document.links?.self ?? '';
    expect(self).toBe(`${links.self}?fields%5Bticket_options%5D=name`);
    expect((await get(self)).text).toBe(answer.text);
  });
});

describe('reading', () => {
  test('C1 finds an option by its id in upper case, which it answers in lower case', async () => {
    const made = dataOf(await post(ticketOption()));
    expect(dataOf(await get(`/ticket_options/${made.id.toUpperCase()}`))).toEqual(made);
  });

  test('C2 answers 404 for an id that nothing has', async () => {
    const error = errorOf(await get(`/ticket_options/${randomUUID()}`));
    expect(error).toMatchObject({
      status: '404',
      code: 'not_found',
      detail: 'There is no such ticket option.',
    });
  });

  test('C2 answers 404 for the id of a resource of another type', async () => {
    const { id } = dataOf(await post(ticketOption()));
    const body = json(purchase({ ticketOption: id }));
    const bought = dataOf(await ask(app, { method: 'POST', path: '/purchases', body }));
    expect((await get(`/ticket_options/${bought.id}`)).status).toBe(404);
    expect((await get(`/purchases/${id}`)).status).toBe(404);
  });

  test('C13 answers HEAD like GET, without the body', async () => {
    const { links } = dataOf(await post(ticketOption()));
    const { text } = await get(links.self);
    for (const [path, status, length] of [
      [links.self, 200, text.length],
      [`/ticket_options/${randomUUID()}`, 404, undefined],
      [`${links.self}?nope=1`, 400, undefined],
    ] as const) {
      const received = await send(app, { method: 'HEAD', path });
      expect(received.status).toBe(status);
      expect(received.text).toBe('');
      expect(headerProblems(received)).toEqual([]);
      if (length !== undefined) expect(received.headers['content-length']).toBe(String(length));
    }
  });

  test('C13 does not mind a body that comes with GET', async () => {
    const { links } = dataOf(await post(ticketOption()));
    for (const [type, body] of [
      [J, '{}'],
      ['text/plain', '{'],
    ] as const) {
      const answer = await ask(app, {
        method: 'GET',
        path: links.self,
        body,
        headers: { 'content-type': type },
      });
      expect(answer.status).toBe(200);
    }
  });
});

describe('methods that are not offered', () => {
  test.each([
    ['/ticket_options', 'GET, HEAD, POST', ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']],
    ['/ticket_options/{id}', 'GET, HEAD, PATCH, DELETE', ['POST', 'PUT', 'OPTIONS', 'TRACE']],
  ])('at %s are answered 405, with Allow: %s', async (template, allow, methods) => {
    const path = template.replace('{id}', dataOf(await post(ticketOption())).id);
    for (const method of methods) {
      const wire = { method, path };
      const answer = await (method === 'HEAD' ? send : ask)(app, wire);
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
    }
  });
});
