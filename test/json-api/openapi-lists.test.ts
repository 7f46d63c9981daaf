import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { LIST_MEDIA_TYPE, MEDIA_TYPE } from '../../src/json-api/media-types';
import { openApiDocument } from '../../src/openapi';
import { sendTo } from './client';
import { crate, crates, uuidOf } from './crates';
import { startDemo } from './demo';
import { CRATE } from './stock';

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await startDemo();
});
afterAll(() => app.close());
beforeEach(() => {
  crates.splice(0, crates.length, ...[0, 1, 2, 3, 4].map((n) => crate(n)));
});

interface Media {
  schema: object;
  example: unknown;
}
interface Operation {
  operationId: string;
  parameters: { name: string; description: string; schema: { items?: { enum: string[] } } }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}

function operation(path: string, method: 'get' | 'post' | 'patch' | 'delete' = 'get'): Operation {
  return openApiDocument(app).paths[path]?.[method] as unknown as Operation;
}

/** Whether a value is what a schema of the document says, and why not. */
function problemsOf(schema: object, value: unknown): unknown {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'api', ...openApiDocument(app) });
  const text = JSON.stringify(schema).replaceAll('"#/', '"api#/');
  const validate = ajv.compile(JSON.parse(text) as object);
  return validate(value) ? null : validate.errors;
}

const names = ({ parameters }: Operation): string[] => parameters.map(({ name }) => name);

it('names every operation', () => {
  const ids = Object.values(openApiDocument(app).paths).flatMap((path) =>
    Object.values(path as Record<string, Operation>).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(
    expect.arrayContaining(['listCrates', 'listCratesOfDepot', 'changeCrate', 'removeCrate', 'fetchDepot']),
  );
});

it('describes what a list takes', () => {
  const list = operation('/crates');
  expect(names(list)).toEqual([
    'filter[state]',
    'filter[cooled]',
    'filter[leaves_after]',
    'filter[depot]',
    'filter[label]',
    'filter[slots]',
    'sort',
    'page[size]',
    'page[after]',
    'page[before]',
    'include',
    'fields[crates]',
    'fields[depots]',
  ]);
  expect(list.parameters.find(({ name }) => name === 'sort')?.schema.items?.enum).toEqual([
    'label',
    '-label',
    'leaves_at',
    '-leaves_at',
    'worth_cents',
    '-worth_cents',
  ]);
  expect(list.parameters.find(({ name }) => name === 'fields[crates]')?.schema.items?.enum).not.toContain(
    'stamp',
  );
  expect(Object.keys(list.responses)).toEqual(['200', '400', '406', '429', '431', '500', '503']);
  const below = operation('/depots/{id}/crates');
  expect(names(below).slice(0, 3)).toEqual(['id', 'filter[cooled]', 'page[size]']);
  expect(Object.keys(below.responses)).toContain('404');
});

it('describes the addresses as they are read', () => {
  const parameters = (path: string) =>
    operation(path)
      .parameters.filter((parameter) => path.includes(`{${parameter.name}}`))
      .map(({ name, schema, description }) => [name, schema, description]);
  expect(parameters('/crates/{id}/slots/{number}')).toEqual([
    ['id', { type: 'string', format: 'uuid' }, 'To what the slots belong. What is no UUID names nothing.'],
    [
      'number',
      { type: 'integer', minimum: 1, maximum: 2147483647, format: 'int32' },
      'Which of the slots. What is no whole number from 1 to 2147483647 names nothing.',
    ],
  ]);
  expect(parameters('/stock/brands/{name}')).toEqual([
    [
      'name',
      { type: 'string', minLength: 1, maxLength: 200 },
      'Which of the brands. What is no text of 1 to 200 characters names nothing.',
    ],
  ]);
  const { components } = openApiDocument(app);
  expect(components?.schemas).toMatchObject({
    Brand: { properties: { id: { type: 'string' }, links: {} }, required: ['type', 'id', 'links'] },
    Slot: { properties: { links: {} }, required: ['type', 'id'] },
  });
  expect(components?.schemas?.['Reading']).not.toHaveProperty('properties.links');
  expect(components?.schemas?.['Brand']).not.toHaveProperty('properties.id.format');
});

it('describes what a change and a removal may answer', () => {
  expect(Object.keys(operation('/crates/{id}', 'patch').responses)).toEqual([
    '200',
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
  const removal = operation('/crates/{id}', 'delete');
  expect(Object.keys(removal.responses)).toEqual([
    '204',
    '400',
    '404',
    '406',
    '408',
    '409',
    '413',
    '415',
    '429',
    '431',
    '500',
    '503',
  ]);
  expect(removal.responses['204']).not.toHaveProperty('content');
  expect(names(removal)).toEqual(['id']);
});

it.each([
  ['/crates', '/crates', LIST_MEDIA_TYPE],
  ['/crates', '/crates?page[size]=2&include=depot&sort=-leaves_at', LIST_MEDIA_TYPE],
  ['/crates', '/crates?fields[crates]=&page[size]=1', LIST_MEDIA_TYPE],
  ['/depots/{id}/crates', `/depots/${uuidOf(1)}/crates`, LIST_MEDIA_TYPE],
  ['/crates/{id}', `/crates/${uuidOf(101)}?include=depot`, MEDIA_TYPE],
  ['/depots/{id}', `/depots/${uuidOf(1)}?include=crates`, MEDIA_TYPE],
  ['/depots/{id}', `/depots/${uuidOf(1)}`, MEDIA_TYPE],
  ['/crates/{id}/slots', `/crates/${CRATE}/slots`, LIST_MEDIA_TYPE],
  ['/crates/{id}/slots/{number}', `/crates/${CRATE}/slots/1`, MEDIA_TYPE],
  ['/stock/brands', '/stock/brands', LIST_MEDIA_TYPE],
  ['/stock/brands/{name}', '/stock/brands/what%3F', MEDIA_TYPE],
  ['/stock/totals', '/stock/totals', MEDIA_TYPE],
  ['/stock/readings', '/stock/readings', LIST_MEDIA_TYPE],
])('describes the answers of %s as they are: %s', async (path, url, type) => {
  const answer = await sendTo(app, { method: 'GET', url });
  expect(answer.headers['content-type']).toBe(type);
  const media = operation(path).responses['200']?.content?.[type];
  expect(problemsOf(media?.schema ?? {}, answer.json())).toBeNull();
  expect(problemsOf(media?.schema ?? {}, media?.example)).toBeNull();
});

it('gives examples of bodies that the schemas and the service accept', async () => {
  const created = operation('/crates', 'post').requestBody?.content[MEDIA_TYPE];
  expect(created?.example).toEqual({ data: { type: 'crates', attributes: { label: 'x', slots: 1 } } });
  const changed = operation('/crates/{id}', 'patch').requestBody?.content[MEDIA_TYPE];
  const post = await sendTo(app, { method: 'POST', url: '/crates', payload: created?.example });
  expect(post.statusCode).toBe(201);
  const example = changed?.example as { data: { id: string } };
  expect(problemsOf(changed?.schema ?? {}, example)).toBeNull();
  example.data.id = uuidOf(101);
  const patch = await sendTo(app, { method: 'PATCH', url: `/crates/${uuidOf(101)}`, payload: example });
  expect(patch.statusCode).toBe(200);
});

it('describes what comes along with what is created', async () => {
  const create = operation('/racks', 'post');
  expect(names(create)).toEqual(['fields[racks]', 'fields[slots]', 'Idempotency-Key']);
  const media = create.responses['201']?.content?.[MEDIA_TYPE];
  const payload = create.requestBody?.content[MEDIA_TYPE]?.example;
  const answer = await sendTo(app, { method: 'POST', url: '/racks', payload });
  for (const document of [answer.json<object>(), media?.example as object]) {
    expect(problemsOf(media?.schema ?? {}, document)).toBeNull();
    expect(problemsOf(media?.schema ?? {}, { ...document, included: undefined })).not.toBeNull();
  }
  const { data, included } = media?.example as {
    data: { relationships: { slots: { data: { id: string }[] } } };
    included: { id: string }[];
  };
  expect(included.map(({ id }) => id)).toEqual(data.relationships.slots.data.map(({ id }) => id));
});

it('describes what a list says of itself', async () => {
  const answer = await sendTo(app, { method: 'GET', url: '/stock/readings' });
  const { schema } = operation('/stock/readings').responses['200']?.content?.[LIST_MEDIA_TYPE] ?? {
    schema: {},
  };
  expect(problemsOf(schema, { ...answer.json<object>(), meta: {} })).not.toBeNull();
  expect(operation('/stock/brands').responses['200']?.content?.[LIST_MEDIA_TYPE]?.schema).toEqual({
    $ref: '#/components/schemas/BrandListDocument',
  });
});

it('describes which relationships may be empty', () => {
  const one = (name: string, crate: unknown) =>
    problemsOf({ $ref: `#/components/schemas/${name}` }, crate) === null;
  const rack = (data: unknown) => ({
    ...{ type: 'racks', id: CRATE, links: { self: '/' }, relationships: { crate: { data } } },
  });
  expect(one('Rack', rack(null))).toBe(true);
  expect(one('Rack', rack({ type: 'crates', id: CRATE }))).toBe(true);
  const slot = (data: unknown) => ({ type: 'slots', id: CRATE, relationships: { crate: { data } } });
  expect(one('Slot', slot(null))).toBe(false);
  expect(one('Slot', slot({ type: 'crates', id: CRATE }))).toBe(true);
});

it('describes the bodies as they are judged', () => {
  const isNew = (attributes: object, relationships?: object): unknown =>
    problemsOf(
      { $ref: '#/components/schemas/NewCrateDocument' },
      { data: { type: 'crates', attributes: { label: 'a', slots: 1, ...attributes }, relationships } },
    );
  const packed = (meta: object) => ({ contents: { data: [{ type: 'parcels', id: 'x', meta }] } });
  expect(isNew({ password: '' }, packed({ quantity: 1 }))).toBeNull();
  for (const [attributes, relationships] of [
    [{ tare: null }, {}],
    [{ state: 'open' }, {}],
    [{}, packed({})],
    [{}, packed({ quantity: 1, unit_price_cents: 1 })],
    [{}, { contents: { data: [] } }],
    [{}, { contents: { data: Array(4).fill({ type: 'parcels', id: 'x', meta: { quantity: 1 } }) } }],
  ] as const)
    expect(isNew(attributes, relationships)).not.toBeNull();

  const isChange = (attributes: object): unknown =>
    problemsOf(
      { $ref: '#/components/schemas/ChangedCrateDocument' },
      { data: { type: 'crates', id: uuidOf(1), attributes } },
    );
  expect(isChange({ state: 'open' })).toBeNull();
  expect(isChange({})).toBeNull();
  expect(isChange({ slots: 1 })).not.toBeNull();
  expect(isChange({ label: null })).not.toBeNull();
});

it('has no schema that nothing refers to', () => {
  const document = openApiDocument(app);
  const text = JSON.stringify(document);
  for (const name of Object.keys(document.components?.schemas ?? {}))
    expect(text).toContain(`"#/components/schemas/${name}"`);
  expect(Object.keys(document.components?.schemas ?? {})).not.toContain('NewDepot');
});
