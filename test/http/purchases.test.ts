import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { startApp, type TestApp } from '../support/app';
import { purchase, ticketOption } from '../support/builders';
import { checkedDocument } from '../support/json-api-document';
import { type Answer, ask, dataOf, errorOf, errorsOf, idIn, J, json } from './wire';

const PRINTED_OPTION = '969f4317-09f4-4b15-b8be-a87d40fb56fb';
const PRINTED_USER = 'd6abe829-c28c-44ec-bee6-3183f2c53fef';
/** As published. */
const EXAMPLE = `{
    "data": {
        "type": "purchases",
        "attributes": {
            "quantity": 2
        },
        "relationships": {
            "ticket_option": {
                "data": {
                    "type": "ticket_options",
                    "id": "969f4317-09f4-4b15-b8be-a87d40fb56fb"
                }
            },
            "user": {
                "data": {
                    "type": "users",
                    "id": "d6abe829-c28c-44ec-bee6-3183f2c53fef"
                }
            }
        }
    }
}

`;
const AT_QUANTITY = { pointer: '/data/attributes/quantity' };
const AT_OPTION = { pointer: '/data/relationships/ticket_option/data/id' };
const FUTURE = '9999-01-01T00:00:00.000Z';
const PAST = '2020-01-01T00:00:00.000Z';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const post = (body: unknown, query = ''): Promise<Answer> =>
  ask(app, {
    method: 'POST',
    path: `/purchases${query}`,
    body: typeof body === 'string' ? body : json(body),
  });
const get = (path: string): Promise<Answer> => ask(app, { method: 'GET', path });

/** @returns the id of a new option. */
async function option(attributes: Record<string, unknown> = {}): Promise<string> {
  const body = json(ticketOption(attributes));
  return dataOf(await ask(app, { method: 'POST', path: '/ticket_options', body })).id;
}

async function counters(ticketOptionId: string) {
  const { attributes } = dataOf(await get(`/ticket_options/${ticketOptionId}`));
  return { remaining: attributes?.['remaining'], sold: attributes?.['sold'] };
}

describe('the published contract', () => {
  test('buys with the example, and answers with the members printed there', async () => {
    const id = await option();
    const body = EXAMPLE.replace(PRINTED_OPTION, id);
    const response = await supertest(app.server).post('/purchases').set('Content-Type', J).send(body);
    expect(response.status).toBe(201);
    const { data } = checkedDocument(response, { method: 'POST', path: '/purchases', body });
    expect(data).toMatchObject({
      type: 'purchases',
      id: expect.any(String) as unknown,
      attributes: { quantity: 2 },
      relationships: {
        ticket_option: { data: { type: 'ticket_options', id } },
        user: { data: { type: 'users', id: PRINTED_USER } },
      },
    });
  });

  test('D13 D9 refuses more than remains with the error printed there, and sells nothing', async () => {
    const id = await option({ allocation: 1 });
    const body = EXAMPLE.replace(PRINTED_OPTION, id);
    const response = await supertest(app.server).post('/purchases').set('Content-Type', J).send(body);
    expect(response.status).toBe(400);
    const { errors } = checkedDocument(response, { method: 'POST', path: '/purchases', body });
    expect(errors).toEqual([
      {
        status: '400',
        code: 'invalid_purchase_quantity',
        title: 'Unable to purchase provided quantity',
        detail: 'Unable to reserve given quantity of ticket options',
        source: { pointer: '/data/attributes/quantity' },
      },
    ]);
    expect(await counters(id)).toEqual({ remaining: 1, sold: 0 });
  });

  test('takes the example as application/json too', async () => {
    const body = EXAMPLE.replace(PRINTED_OPTION, await option());
    const response = await supertest(app.server)
      .post('/purchases')
      .set('Content-Type', 'application/json')
      .set('Accept', 'application/json')
      .send(body);
    expect(response.status).toBe(201);
    checkedDocument(response, { method: 'POST', path: '/purchases', body });
  });
});

describe('buying', () => {
  test('D5 D6 D7 answers 201 with the purchase, whose address is in Location', async () => {
    const answer = await post(purchase({ ticketOption: await option() }));
    expect(answer.status).toBe(201);
    const { location = '' } = answer.headers;
    expect(location).toBe(dataOf(answer).links.self);
    expect(dataOf(await get(location))).toEqual(dataOf(answer));
  });

  test('answers what the purchase costs and when it was made', async () => {
    const { attributes } = dataOf(await post(purchase({ ticketOption: await option(), quantity: 5 })));
    expect(attributes).toEqual({
      quantity: 5,
      total_cents: 0,
      currency: 'EUR',
      status: 'completed',
      created_at: expect.any(String) as unknown,
    });
    expect(Math.abs(Date.now() - Date.parse(String(attributes?.['created_at'])))).toBeLessThan(60_000);
  });

  test('sells to the last ticket, and not one more', async () => {
    const id = await option({ allocation: 5 });
    expect((await post(purchase({ ticketOption: id, quantity: 3 }))).status).toBe(201);
    expect(errorOf(await post(purchase({ ticketOption: id, quantity: 3 }))).code).toBe(
      'invalid_purchase_quantity',
    );
    expect((await post(purchase({ ticketOption: id, quantity: 2 }))).status).toBe(201);
    expect(errorOf(await post(purchase({ ticketOption: id, quantity: 1 }))).code).toBe(
      'invalid_purchase_quantity',
    );
    expect(await counters(id)).toEqual({ remaining: 0, sold: 5 });
  });

  test('sells the greatest quantity there is', async () => {
    const id = await option({ allocation: 2_147_483_647 });
    const answer = await post(purchase({ ticketOption: id, quantity: 2_147_483_647 }));
    expect(answer.status).toBe(201);
    expect(dataOf(await get(dataOf(answer).links.self)).attributes?.['quantity']).toBe(2_147_483_647);
    expect(await counters(id)).toEqual({ remaining: 0, sold: 2_147_483_647 });
  });

  test('of 60 who come at once for 20 tickets, exactly 20 get one', async () => {
    const id = await option({ allocation: 20 });
    const all = Array.from({ length: 60 }, () => post(purchase({ ticketOption: id, quantity: 1 })));
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(20);
    expect(statuses.filter((status) => status === 400)).toHaveLength(40);
    expect(await counters(id)).toEqual({ remaining: 0, sold: 20 });
  });

  test.each([
    ['of version 4', randomUUID()],
    ['nil', '00000000-0000-0000-0000-000000000000'],
    ['max', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ])('takes any UUID as a user: %s', async (_, user) => {
    const answer = await post(purchase({ ticketOption: await option(), user }));
    expect(idIn(dataOf(answer), 'user')).toBe(user);
  });

  test('reads ids in upper case as the same ids, which it answers in lower case', async () => {
    const id = await option({ max_per_user: 2 });
    const user = randomUUID();
    const document = purchase({ ticketOption: id.toUpperCase(), user: user.toUpperCase() });
    const { relationships, links } = dataOf(await post(document));
    expect(relationships).toEqual({
      ticket_option: { data: { type: 'ticket_options', id } },
      user: { data: { type: 'users', id: user } },
      reservation: { data: null },
      payment: { data: null },
      tickets: { links: { related: `${links.self}/tickets` } },
    });
    expect(errorOf(await post(purchase({ ticketOption: id, user }))).code).toBe('user_limit_exceeded');
  });

  /** Makes options until one is ordered of before an instant that is a second away. @returns what was answered */
  async function orderedBefore(attribute: 'sales_start_at' | 'sales_end_at') {
    for (;;) {
      const { rows } = await app.database.query<{ soon: Date }>(
        `SELECT clock_timestamp() + interval '1 s' AS soon`,
      );
      const soon = rows[0]?.soon.toISOString() ?? '';
      const document = purchase({
        ticketOption: await option({ [attribute]: soon, allocation: 1_000_000 }),
        quantity: 1,
      });
      const answer = await post(document);
      const { rows: after } = await app.database.query<{ late: boolean }>(
        'SELECT clock_timestamp() >= $1 AS late',
        [soon],
      );
      if (after[0]?.late === false) return { soon, document, answer };
    }
  }

  test('starts to sell at the instant that sales start', async () => {
    const { soon, document, answer: first } = await orderedBefore('sales_start_at');
    let answer = first;
    expect(errorOf(answer)).toMatchObject({ code: 'sales_not_started', meta: { sales_start_at: soon } });
    while (answer.status === 409) answer = await post(document);
    expect(String(dataOf(answer).attributes?.['created_at']) >= soon).toBe(true);
  });

  test('stops to sell at the instant that sales end', async () => {
    const { soon, document, answer: first } = await orderedBefore('sales_end_at');
    let last = '';
    let answer = first;
    for (; answer.status === 201; answer = await post(document))
      last = String(dataOf(answer).attributes?.['created_at']);
    expect(errorOf(answer)).toMatchObject({ code: 'sales_ended', meta: { sales_end_at: soon } });
    expect(last).not.toBe('');
    expect(last < soon).toBe(true);
  });
});

describe('refusals of the sale', () => {
  /** Everything that can be wrong at once: five are wanted, three exist, two may be ordered, and one may be had. */
  const ALL = { allocation: 3, max_per_order: 2, max_per_user: 1, price_cents: 100 };

  test.each([
    ['sales_not_started', 409, { ...ALL, sales_start_at: FUTURE }, AT_OPTION, { sales_start_at: FUTURE }],
    ['sales_ended', 409, { ...ALL, sales_end_at: PAST }, AT_OPTION, { sales_end_at: PAST }],
    ['payment_required', 402, ALL, AT_OPTION, { price_cents: 100, currency: 'EUR' }],
    ['order_limit_exceeded', 409, { ...ALL, price_cents: 0 }, AT_QUANTITY, { limit: 2 }],
    [
      'user_limit_exceeded',
      409,
      { allocation: 3, max_per_order: 5, max_per_user: 4 },
      AT_QUANTITY,
      { limit: 4, has: 0, per: 'ticket_option' },
    ],
    [
      'invalid_purchase_quantity',
      400,
      { allocation: 3, max_per_order: 5, max_per_user: 5 },
      AT_QUANTITY,
      undefined,
    ],
  ])(
    '%s (%d) comes before those below it, with its place and figures',
    async (code, status, attributes, source, meta) => {
      const id = await option(attributes);
      const before = await counters(id);
      const answer = await post(purchase({ ticketOption: id, quantity: 5 }));
      expect(answer.status).toBe(status);
      const [error, ...others] = errorsOf(answer);
      expect(others).toEqual([]);
      expect(error).toMatchObject({ code, source });
      expect(error?.meta).toEqual(meta);
      expect(await counters(id)).toEqual(before);
    },
  );

  test('D8 not_found comes before all of them, for an option that nothing is known of', async () => {
    const answer = await post(purchase({ ticketOption: randomUUID() }));
    expect(errorsOf(answer)).toMatchObject([{ status: '404', code: 'not_found', source: AT_OPTION }]);
  });

  test('D8 an option id that is no UUID is not found either', async () => {
    const answer = await post(purchase({ ticketOption: 'abc' }));
    expect(errorsOf(answer)).toMatchObject([{ status: '404', code: 'not_found', source: AT_OPTION }]);
  });

  test('a wrong document comes before an option that is not there', async () => {
    const answer = await post(purchase({ ticketOption: randomUUID(), quantity: 0 }));
    expect(errorsOf(answer)).toMatchObject([
      { status: '400', code: 'invalid_attribute', source: AT_QUANTITY },
    ]);
  });

  test('user_limit_exceeded tells what the user has, and holds for that user only', async () => {
    const id = await option({ max_per_user: 3 });
    const [one, other] = [randomUUID(), randomUUID()];
    expect((await post(purchase({ ticketOption: id, user: one, quantity: 2 }))).status).toBe(201);
    const refused = errorOf(await post(purchase({ ticketOption: id, user: one, quantity: 2 })));
    expect(refused).toMatchObject({ code: 'user_limit_exceeded', meta: { limit: 3, has: 2 } });
    expect((await post(purchase({ ticketOption: id, user: other, quantity: 3 }))).status).toBe(201);
    expect((await post(purchase({ ticketOption: id, user: one, quantity: 1 }))).status).toBe(201);
    expect(await counters(id)).toEqual({ remaining: 94, sold: 6 });
  });

  test('order_limit_exceeded is about one order: several may have more', async () => {
    const id = await option({ max_per_order: 2 });
    const user = randomUUID();
    expect(errorOf(await post(purchase({ ticketOption: id, user, quantity: 3 })))).toMatchObject({
      code: 'order_limit_exceeded',
      meta: { limit: 2 },
    });
    for (let order = 0; order < 3; order++)
      expect((await post(purchase({ ticketOption: id, user, quantity: 2 }))).status).toBe(201);
    expect(await counters(id)).toEqual({ remaining: 94, sold: 6 });
  });
});

describe('reading', () => {
  test('C1 finds a purchase by its id in upper case, which it answers in lower case', async () => {
    const made = dataOf(await post(purchase({ ticketOption: await option() })));
    expect(dataOf(await get(`/purchases/${made.id.toUpperCase()}`))).toEqual(made);
  });

  test('C2 answers 404 for an id that nothing has', async () => {
    const error = errorOf(await get(`/purchases/${randomUUID()}`));
    expect(error).toMatchObject({ code: 'not_found', detail: 'There is no such purchase.' });
    expect(error.source).toBeUndefined();
  });

  test('C8 leaves only the fields that are named, after POST and GET', async () => {
    const query = '?fields[purchases]=quantity,user';
    const made = dataOf(await post(purchase({ ticketOption: await option() }), query));
    expect(made.attributes).toEqual({ quantity: 2 });
    expect(Object.keys(made.relationships ?? {})).toEqual(['user']);
    expect(dataOf(await get(`${made.links.self}${query}`))).toEqual(made);
  });

  test('C13 answers HEAD like GET, without the body', async () => {
    const { links } = dataOf(await post(purchase({ ticketOption: await option() })));
    const response = await supertest(app.server).head(links.self);
    expect(response.status).toBe(200);
    expect(response.headers['content-length']).toBe(String((await get(links.self)).text.length));
  });
});

describe('methods that are not offered', () => {
  test.each([
    ['/purchases', 'GET, HEAD, POST', ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']],
    ['/purchases/{id}', 'GET, HEAD, DELETE', ['POST', 'PUT', 'PATCH', 'OPTIONS', 'TRACE']],
    ['/purchases/{id}/tickets', 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']],
    ['/purchases/{id}/tickets/1', 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']],
  ])('at %s are answered 405, with Allow: %s', async (template, allow, methods) => {
    const path = template.replace('{id}', randomUUID());
    for (const method of methods) {
      const answer = await ask(app, { method, path });
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
    }
  });
});
