import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../src/openapi';
import { ID, parcelDocument, startDemo } from './demo';

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await startDemo();
});
afterAll(() => app.close());

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; style?: string; explode?: boolean }[];
  requestBody?: { content: Record<string, { example: unknown }> };
  responses: Record<string, { headers: object; content: Record<string, { example?: unknown }> }>;
}
const J = 'application/vnd.api+json';

function operations(): { create: Operation; fetch: Operation } {
  const { paths } = openApiDocument(app);
  return {
    create: paths['/parcels']?.post as unknown as Operation,
    fetch: paths['/parcels/{id}']?.get as unknown as Operation,
  };
}

/** A validator for one of the schemas of the document. */
function validator(name: string) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'api', ...openApiDocument(app) });
  return ajv.compile({ $ref: `api#/components/schemas/${name}` });
}

it('describes every route with its parameters and all its answers', () => {
  const { create, fetch } = operations();
  expect(Object.keys(create.responses)).toEqual([
    '201',
    '400',
    '403',
    '404',
    '406',
    '408',
    '409',
    '413',
    '415',
    '422',
    '429',
    '431',
    '500',
    '503',
  ]);
  expect(Object.keys(fetch.responses)).toEqual([
    '200',
    '304',
    '400',
    '404',
    '406',
    '429',
    '431',
    '500',
    '503',
  ]);
  expect([create.operationId, fetch.operationId]).toEqual(['createParcel', 'fetchParcel']);
  expect(create.parameters).toMatchObject([
    { name: 'fields[parcels]', in: 'query', style: 'form', explode: false },
    { name: 'Idempotency-Key', in: 'header', required: false },
  ]);
  expect(fetch.parameters.map(({ name }) => name)).toEqual(['id', 'fields[parcels]', 'If-None-Match']);
  expect(Object.keys(create.responses['201']?.headers ?? {})).toEqual([
    'Location',
    'Idempotent-Replayed',
    'X-Request-Id',
    'RateLimit-Limit',
    'RateLimit-Remaining',
    'RateLimit-Reset',
    'Vary',
  ]);
  expect(Object.keys(create.responses['503']?.headers ?? {})).toContain('Retry-After');
});

it('gives examples that its own schemas and the service accept', async () => {
  const { create, fetch } = operations();
  const example = create.requestBody?.content[J]?.example;
  expect(validator('NewParcelDocument')(example)).toBe(true);
  const headers = { 'content-type': J };
  const answer = await app.inject({
    method: 'POST',
    url: '/parcels',
    headers,
    payload: JSON.stringify(example),
  });
  expect(answer.statusCode).toBe(201);
  const isParcel = validator('ParcelDocument');
  expect(isParcel(create.responses['201']?.content[J]?.example)).toBe(true);
  expect(isParcel(fetch.responses['200']?.content[J]?.example)).toBe(true);
});

it('describes the answers as they are', async () => {
  const isParcel = validator('ParcelDocument');
  for (const query of ['', '?fields[parcels]=', '?fields[parcels]=label,courier']) {
    const answer = await app.inject({ method: 'GET', url: `/parcels/${ID}${query}` });
    expect(isParcel(answer.json())).toBe(true);
  }
  const refused = await app.inject({ method: 'GET', url: `/parcels/${ID}?x=1` });
  expect(validator('ErrorDocument')(refused.json())).toBe(true);
});

it('describes the bodies as they are judged', () => {
  const isNew = validator('NewParcelDocument');
  expect(isNew(parcelDocument())).toBe(true);
  for (const attributes of [
    {},
    { label: 'a' },
    { label: ' ', weight_grams: 1 },
    { label: 'a', weight_grams: 1, x: 1 },
  ])
    expect(isNew(parcelDocument({ attributes }))).toBe(false);
  expect(isNew(parcelDocument({ attributes: { label: 'a', weight_grams: 1, note: null } }))).toBe(true);
  expect(isNew(parcelDocument({ relationships: {} }))).toBe(false);
});

it('is served, with a page to try it out', async () => {
  const served = await app.inject({ method: 'GET', url: '/openapi.json' });
  expect(served.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument(app))));
  const page = await app.inject({ method: 'GET', url: '/docs' });
  expect(page.headers['content-type']).toMatch('text/html');
});
