import { randomUUID } from 'node:crypto';
import { audit } from '../../src/allocation/audit';
import { Client } from '../http/client';
import { allRows, startApp, type TestApp } from '../support/app';
import { askPlain, codeIn, type PlainAnswer } from './ask';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterAll(async () => {
  expect(await audit(app.database)).toEqual([]);
  await app.stop();
});

const ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string | undefined>,
): Promise<PlainAnswer> => askPlain(app, method, path, body, headers);

const user = (): string => randomUUID();

interface Ticket {
  id: number;
}
interface Option {
  ID: string;
}

describe('/tickets', () => {
  const NEW = { name: 'example', desc: 'sample description', allocation: 100 };

  test('creates a ticket, reads it, sells of it, and shows what is left', async () => {
    const created = await ask('POST', '/tickets', NEW);
    expect(created.status).toBe(201);
    const { id } = created.body as Ticket;
    expect(created.body).toEqual({ id: expect.any(Number) as unknown, ...NEW });
    const bought = await ask('POST', `/tickets/${id}/purchases`, { quantity: 2, user_id: user() });
    expect([bought.status, bought.text]).toEqual([201, '']);
    const read = await ask('GET', `/tickets/${id}`);
    expect([read.status, read.body]).toEqual([200, { id, ...NEW, allocation: 98 }]);
  });

  test('more than is left is 400, and nothing is bought', async () => {
    const { id } = (await ask('POST', '/tickets', { ...NEW, allocation: 2 })).body as Ticket;
    const answer = await ask('POST', `/tickets/${id}/purchases`, { quantity: 3, user_id: user() });
    expect([answer.status, codeIn(answer)]).toEqual([400, 'invalid_purchase_quantity']);
    expect((await ask('GET', `/tickets/${id}`)).body).toMatchObject({ allocation: 2 });
  });

  test('a description may be left out, and none may be for sale', async () => {
    const { status, body } = await ask('POST', '/tickets', { name: 'bare', allocation: 0 });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'bare', desc: null, allocation: 0 });
  });
});

describe('/simple', () => {
  const NEW = { Name: 'Derby', Desc: 'There are 10.000 available tickets.', Allocation: 10_000 };

  test('creates an option, reads it, sells of it, and shows what is left', async () => {
    const created = await ask('POST', '/simple/ticket_options', NEW);
    expect(created.status).toBe(200);
    const { ID } = created.body as Option;
    const time = expect.stringMatching(/^\d{4}-.*Z$/) as unknown;
    expect(created.body).toEqual({ ID, ...NEW, CreatedAt: time, UpdatedAt: time });
    const UserID = user();
    const bought = await ask('POST', `/simple/ticket_options/${ID}/purchases`, { Quantity: 2, UserID });
    expect(bought.status).toBe(200);
    expect(bought.body).toMatchObject({
      ID: expect.any(String) as unknown,
      TicketOptionID: ID,
      UserID,
      Quantity: 2,
    });
    const read = await ask('GET', `/simple/ticket_options/${ID}`);
    expect(read.body).toMatchObject({ ID, ...NEW, Allocation: 9_998 });
  });

  test('members are read without regard to case', async () => {
    const body = { name: 'Derby', DESC: null, allocation: 3 };
    expect((await ask('POST', '/simple/ticket_options', body)).body).toMatchObject({
      Allocation: 3,
      Desc: null,
    });
  });

  test('more than is left is 400 in the words of the contract', async () => {
    const { ID } = (await ask('POST', '/simple/ticket_options', { ...NEW, Allocation: 1 })).body as Option;
    const answer = await ask('POST', `/simple/ticket_options/${ID}/purchases`, {
      Quantity: 2,
      UserID: user(),
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error: { code: 'invalid_purchase_quantity', message: 'there is not any available tickets' },
    });
  });
});

test('an option of one contract is there in the others, also with limits and a price', async () => {
  const option = await client.option({ allocation: 5, max_per_user: 1 });
  const { number } = option.attributes as { number: number };
  expect((await ask('GET', `/tickets/${number}`)).body).toMatchObject({ id: number, allocation: 5 });
  expect((await ask('GET', `/simple/ticket_options/${option.id}`)).body).toMatchObject({ Allocation: 5 });
  const tooMany = await ask('POST', `/tickets/${number}/purchases`, { quantity: 2, user_id: user() });
  expect([tooMany.status, codeIn(tooMany)]).toEqual([409, 'user_limit_exceeded']);
  const priced = await client.option({ price_cents: 100 });
  const direct = await ask('POST', `/simple/ticket_options/${priced.id}/purchases`, {
    Quantity: 1,
    UserID: user(),
  });
  expect([direct.status, codeIn(direct)]).toEqual([402, 'payment_required']);
});

test.each([
  ['/tickets', { name: 'once', allocation: 1 }, 201],
  ['/simple/ticket_options', { Name: 'once', Allocation: 1 }, 200],
])('with an Idempotency-Key, POST %s has its effect once', async (path, body, status) => {
  const headers = { 'idempotency-key': randomUUID() };
  const first = await ask('POST', path, body, headers);
  const again = await ask('POST', path, body, headers);
  expect([first.status, again.status, again.text]).toEqual([status, status, first.text]);
  expect(again.headers['idempotent-replayed']).toBe('true');
});

test('with an Idempotency-Key, tickets are bought once', async () => {
  const option = await client.option({ allocation: 10 });
  const { number } = option.attributes as { number: number };
  const headers = { 'idempotency-key': randomUUID() };
  const body = { quantity: 3, user_id: user() };
  for (const replayed of [undefined, 'true']) {
    const answer = await ask('POST', `/tickets/${number}/purchases`, body, headers);
    expect([answer.status, answer.headers['idempotent-replayed']]).toEqual([201, replayed]);
  }
  expect((await ask('GET', `/tickets/${number}`)).body).toMatchObject({ allocation: 7 });
});

describe('bad input is refused by a code and changes nothing', () => {
  const OPTION = { name: 'x', allocation: 1 };
  const BUY = { quantity: 1, user_id: user() };
  const wrongOption = (more: object): [string, string, unknown, number, string] => [
    'POST',
    '/tickets',
    { ...OPTION, ...more },
    400,
    'invalid_attribute',
  ];
  const wrongPurchase = (more: object): [string, string, unknown, number, string] => [
    'POST',
    '/tickets/1/purchases',
    { ...BUY, ...more },
    400,
    'invalid_attribute',
  ];
  const nobody = randomUUID();

  test.each<[string, string, unknown, number, string]>([
    wrongOption({ name: undefined }),
    wrongOption({ name: null }),
    wrongOption({ name: '' }),
    wrongOption({ name: 5 }),
    wrongOption({ name: 'a\0b' }),
    wrongOption({ name: 'x'.repeat(201) }),
    wrongOption({ desc: 1 }),
    wrongOption({ allocation: undefined }),
    wrongOption({ allocation: -1 }),
    wrongOption({ allocation: 1.5 }),
    wrongOption({ allocation: '1' }),
    wrongOption({ allocation: 2_147_483_648 }),
    wrongOption({ price: 1 }),
    wrongPurchase({ quantity: 0 }),
    wrongPurchase({ quantity: -1 }),
    wrongPurchase({ quantity: 1.5 }),
    wrongPurchase({ quantity: null }),
    wrongPurchase({ user_id: 'me' }),
    wrongPurchase({ user_id: undefined }),
    ['POST', '/tickets', [], 400, 'invalid_document'],
    ['POST', '/tickets', 'null', 400, 'invalid_document'],
    ['POST', '/tickets', '{', 400, 'malformed_json'],
    ['POST', '/tickets', '', 400, 'malformed_json'],
    ['POST', '/tickets', '{"name":"a","name":"b","allocation":1}', 400, 'malformed_json'],
    ['POST', '/tickets', `{"name":${'['.repeat(40)}${']'.repeat(40)}}`, 400, 'invalid_document'],
    ['POST', '/tickets', { name: 'x'.repeat(70_000), allocation: 1 }, 413, 'payload_too_large'],
    ['POST', '/tickets?x=1', OPTION, 400, 'invalid_parameter'],
    ['GET', '/tickets/1?fields=name', undefined, 400, 'invalid_parameter'],
    ['GET', '/tickets/999999', undefined, 404, 'not_found'],
    ['GET', '/tickets/abc', undefined, 404, 'not_found'],
    ['GET', '/tickets/0', undefined, 404, 'not_found'],
    ['GET', '/tickets/2147483648', undefined, 404, 'not_found'],
    ['POST', '/tickets/999999/purchases', BUY, 404, 'not_found'],
    ['GET', '/tickets', undefined, 405, 'method_not_allowed'],
    ['DELETE', '/tickets/1', undefined, 405, 'method_not_allowed'],
    ['GET', '/tickets/1/nope', undefined, 404, 'not_found'],
    ['GET', '/simple', undefined, 404, 'not_found'],
    ['POST', '/simple/ticket_options', { Name: 'x', name: 'y', Allocation: 1 }, 400, 'invalid_attribute'],
    ['POST', '/simple/ticket_options', { Name: 'x', Allocation: -1 }, 400, 'invalid_attribute'],
    ['GET', `/simple/ticket_options/${nobody}`, undefined, 404, 'not_found'],
    ['GET', '/simple/ticket_options/1', undefined, 404, 'not_found'],
    ['POST', `/simple/ticket_options/${nobody}/purchases`, { Quantity: 1, UserID: nobody }, 404, 'not_found'],
    [
      'POST',
      `/simple/ticket_options/${nobody}/purchases`,
      { Quantity: 0, UserID: nobody },
      400,
      'invalid_attribute',
    ],
    [
      'POST',
      `/simple/ticket_options/${nobody}/purchases`,
      { Quantity: -1, UserID: nobody },
      400,
      'invalid_attribute',
    ],
  ])('%s %s %j', async (method, path, body, status, code) => {
    const before = await allRows(app.database);
    const answer = await ask(method, path, body, body === '' ? { 'content-type': 'application/json' } : {});
    expect([answer.status, codeIn(answer)]).toEqual([status, code]);
    expect((status === 405) === 'allow' in answer.headers).toBe(true);
    expect(await allRows(app.database)).toBe(before);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/vnd.api+json',
    'application/json; charset=iso-8859-1',
    undefined,
  ])('a body of the type %s is 415', async (type) => {
    const answer = await ask('POST', '/tickets', OPTION, { 'content-type': type });
    expect([answer.status, codeIn(answer)]).toEqual([415, 'unsupported_media_type']);
  });

  test('a body in a content coding is 415', async () => {
    const answer = await ask('POST', '/tickets', OPTION, { 'content-encoding': 'gzip' });
    expect([answer.status, codeIn(answer)]).toEqual([415, 'unsupported_media_type']);
  });

  test.each(['/%74ickets/999999', 'http://example.test/tickets/999999', 'http://example.test/simple/nope'])(
    'however the address is written, %s is refused in plain JSON',
    async (path) => {
      const answer = await ask('GET', path);
      expect([answer.status, codeIn(answer)]).toEqual([404, 'not_found']);
    },
  );

  test('plain JSON may say that it is in UTF-8', async () => {
    const answer = await ask('POST', '/tickets', OPTION, {
      'content-type': 'application/json; charset=utf-8',
    });
    expect(answer.status).toBe(201);
  });

  test('all that is wrong is told at once', async () => {
    const { body } = await ask('POST', '/tickets', { name: '', allocation: -1, x: 1 });
    const { message } = (body as { error: { message: string } }).error;
    for (const name of ['name', 'allocation', 'x']) expect(message).toContain(`\`${name}\``);
  });

  test('a key that cannot be one is told by its code', async () => {
    const answer = await ask('POST', '/tickets', OPTION, { 'idempotency-key': 'a b' });
    expect([answer.status, codeIn(answer)]).toEqual([400, 'invalid_header']);
  });
});
