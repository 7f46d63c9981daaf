import { startApp, type TestApp } from '../support/app';
import { ticketOption } from '../support/builders';
import { Client } from '../http/client';
import { type Answer, ask, errorOf, J, json, send } from '../http/wire';
import { everyKindOfAnswer, type Given, setTheStage } from './answers';

/* JSON:API 1.1, "Content Negotiation". */

const PROFILE = 'https://jsonapi.org/profiles/ethanresnick/cursor-pagination/';
let app: TestApp;
let answers: readonly Given[];
beforeAll(async () => {
  app = await startApp();
  answers = await everyKindOfAnswer(app, await setTheStage(new Client(app)));
});
afterAll(() => app.stop());

const types = (): string[] => answers.map(({ answer }) => String(answer.headers['content-type']));

/** Creates with this type of body. @returns the status, and how many options there are more */
async function create(type: string | undefined, body = json(ticketOption())): Promise<[number, number]> {
  const count = async (): Promise<number> =>
    (await app.database.query<{ n: number }>('SELECT count(*)::integer AS n FROM ticket_options')).rows[0]
      ?.n ?? 0;
  const before = await count();
  const { status } = await ask(app, {
    method: 'POST',
    path: '/ticket_options',
    body,
    headers: { 'content-type': type },
  });
  return [status, (await count()) - before];
}

const get = (accept: string | undefined): Promise<Answer> =>
  ask(app, { method: 'GET', path: '/ticket_options', headers: { accept } });

test('A1 every answer with a document is sent as the media type of JSON:API', () => {
  const statuses = new Set(answers.map(({ answer }) => answer.status));
  for (const status of [200, 201, 400, 402, 403, 404, 405, 406, 409, 413, 415, 429, 431, 503])
    expect(statuses).toContain(status);
  for (const type of types()) expect(type.split(';')[0]).toBe(J);
});

test('A2 the type has no parameter but the profile that is followed', () => {
  for (const type of types()) expect([J, `${J}; profile="${PROFILE}"`]).toContain(type);
});

test.each([
  `${J}; charset=utf-8`,
  `${J}; q=1`,
  `${J};foo=bar`,
  `${J}; CHARSET="utf-8"`,
  `${J}; profile="https://e.x/p"; charset=utf-8`,
])('A3 a body with another parameter is 415, and nothing is stored: %s', async (type) => {
  expect(await create(type)).toEqual([415, 0]);
});

test.each([`${J}; ext="https://e.x/none"`, `${J}; ext="https://jsonapi.org/ext/atomic https://e.x/none"`])(
  'A4 a body with an extension that is not known is 415: %s',
  async (type) => {
    expect(await create(type)).toEqual([415, 0]);
  },
);

test('A5 profiles that are not known are passed over, and not claimed', async () => {
  expect(await create(`${J}; profile="https://e.x/p"`)).toEqual([201, 1]);
  const { status, headers } = await ask(app, {
    method: 'GET',
    path: '/statistics/totals',
    headers: { accept: `${J}; profile="https://e.x/p"` },
  });
  expect([status, headers['content-type']]).toEqual([200, J]);
});

test.each([`${J}; charset=utf-8`, `${J}; charset=utf-8, ${J};v=1`])(
  'A6 where all entries of Accept have other parameters it is 406: %s',
  async (accept) => {
    expect((await get(accept)).status).toBe(406);
  },
);

test.each([
  [`${J}; charset=utf-8, ${J}`, 200],
  [`${J}; charset=utf-8, */*`, 406],
])('A7 entries with other parameters are passed over: %s is %d', async (accept, status) => {
  expect((await get(accept)).status).toBe(status);
});

test.each([
  [`${J}; ext="https://e.x/none"`, 406],
  [`${J}; ext="https://e.x/none", ${J}`, 200],
])('A8 an extension that is not known is not acceptable: %s is %d', async (accept, status) => {
  expect((await get(accept)).status).toBe(status);
});

test.each([
  [`${J};q=0.5`, 200],
  [`${J};q=0`, 406],
  [`${J}; ext="https://e.x/none";q=1, ${J};q=0.1`, 200],
])('A9 q is a weight and no parameter of the type: %s is %d', async (accept, status) => {
  expect((await get(accept)).status).toBe(status);
});

test.each([
  ['*/*', 200],
  ['application/*', 200],
  [undefined, 200],
  ['application/json', 200],
  ['text/html', 406],
])('A10 without an entry for JSON:API: %s is %d', async (accept, status) => {
  const answer = await get(accept);
  expect(answer.status).toBe(status);
  if (status === 406) expect(errorOf(answer).code).toBe('not_acceptable');
});

test.each([
  ['application/json', 201],
  ['text/plain', 415],
  [undefined, 415],
])('A11 a body as %s is %d', async (type, status) => {
  expect(await create(type)).toEqual([status, status === 201 ? 1 : 0]);
});

test('A12 the profile is told exactly where it is followed', () => {
  for (const { answer } of answers)
    expect(answer.headers['content-type'] === J).toBe(!Array.isArray(answer.document.data));
});

test('A13 every answer varies by Accept, beside Origin where pages may read it', async () => {
  for (const { answer } of answers) expect(answer.headers.vary).toBe('Accept');
  const open = await startApp({ env: { CORS_ORIGINS: 'https://shop.example' } });
  const headers = { origin: 'https://shop.example' };
  for (const path of ['/events', '/nowhere', '/events?nope=1']) {
    const { vary = '' } = (await send(open, { method: 'GET', path, headers })).headers;
    expect(vary.split(', ').sort()).toEqual(['Accept', 'Origin']);
  }
  await open.stop();
});

test.each([
  ['Application/VND.API+JSON', 201],
  [`${J}; PROFILE="https://e.x/a  https://e.x/b"`, 201],
  [`${J}; ext="https://e.x/a  https://e.x/b"`, 415],
  [`${J}; ext="x`, 415],
])('A14 the type is read as HTTP has it: %s is %d', async (type, status) => {
  expect((await create(type))[0]).toBe(status);
  const accepted = await get(type);
  expect(accepted.status).toBe(status === 201 ? 200 : 406);
});

test('A15 what a body says of extensions and profiles negotiates nothing', async () => {
  const document = { jsonapi: { ext: ['https://e.x/none'], profile: ['https://e.x/p'] }, ...ticketOption() };
  expect(await create(J, json(document))).toEqual([201, 1]);
});
