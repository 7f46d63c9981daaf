import { type Wire } from '../wire';
import { at, byParameter, changeText, type Expected, NOTHING, patch, type Row } from './row';

/** Something that PATCH and DELETE are sent to. */
interface Thing {
  readonly type: string;
  readonly id: string;
  readonly path: string;
}
export const thing = (type: string, id: string): Thing => ({ type, id, path: `/${type}/${id}` });

/** A PATCH with this body. */
export const changed = (
  { type, path }: Thing,
  sent: string,
  body: string,
  status: number,
  ...errors: Expected[]
): Row => [`${type}: ${sent.slice(0, 80)}`, patch(path, body), status, ...errors];
/** A change of one attribute, to this JSON text. */
export const set = (
  of: Thing,
  name: string,
  text: string,
  status = 400,
  code: Expected[0] = 'invalid_attribute',
): Row =>
  changed(of, `${name} ${text}`, changeText(of.type, of.id, { [name]: text }), status, [
    code,
    at(`/data/attributes/${name}`),
  ]);
export const sets = (of: Thing, name: string, ...texts: string[]): Row[] =>
  texts.map((text) => set(of, name, text));
/** Changes of attributes that no change may set. */
export const readOnly = (of: Thing, ...names: string[]): Row[] =>
  names.map((name) => set(of, name, '1', 403, 'read_only'));
export const relationship = ({ type, id, path }: Thing, name: string, data: string): Row => [
  `${type}: F7 the relationship ${name}`,
  patch(path, `{"data":{"type":"${type}","id":"${id}","relationships":{"${name}":{"data":${data}}}}}`),
  403,
  ['read_only', at(`/data/relationships/${name}`)],
];

/** The shape of the document, which is the same for all that can be changed. */
export const shapes = (of: Thing): Row[] => {
  const { type, id, path } = of;
  const invalid = (data: string, pointer: string): Row =>
    changed(of, data, `{"data":${data}}`, 400, ['invalid_document', at(pointer)]);
  return [
    [`${type}: no body`, { method: 'PATCH', path }, 400, ['malformed_json']],
    changed(of, 'half a document', '{"data":', 400, ['malformed_json']),
    changed(of, 'a member twice', `{"data":{"type":"${type}","id":"${id}","id":"${id}"}}`, 400, [
      'malformed_json',
    ]),
    changed(of, '10,000 levels', '['.repeat(10_000) + ']'.repeat(10_000), 400, ['invalid_document', at('')]),
    ...['{}', '[]', 'null', '"x"', '5'].map((body) =>
      changed(of, `the body ${body}`, body, 400, ['invalid_document', at('')]),
    ),
    ...['null', '[]', '"x"', '5', `[{"type":"${type}","id":"${id}"}]`].map((data) => invalid(data, '/data')),
    invalid(`{"type":"${type}"}`, '/data'),
    invalid(`{"id":"${id}"}`, '/data'),
    ...['5', 'null', '{}', '[]', 'true'].map((other) =>
      invalid(`{"type":"${type}","id":${other}}`, '/data/id'),
    ),
    ...['5', 'null', '{}', '[]', 'true'].map((other) =>
      invalid(`{"type":${other},"id":"${id}"}`, '/data/type'),
    ),
    ...['null', '[]', '"x"', '5'].flatMap((group) => [
      invalid(`{"type":"${type}","id":"${id}","attributes":${group}}`, '/data/attributes'),
      invalid(`{"type":"${type}","id":"${id}","relationships":${group}}`, '/data/relationships'),
    ]),
    changed(
      of,
      'neither type nor id',
      '{"data":{}}',
      400,
      ['invalid_document', at('/data')],
      ['invalid_document', at('/data')],
    ),
    ...[NOTHING, 'abc', '', `${id} `, id.replaceAll('-', '')].map((other) =>
      changed(of, `F2 the id "${other}"`, changeText(type, other, {}), 409, [
        'type_conflict',
        at('/data/id'),
      ]),
    ),
    ...['users', type.slice(0, -1), ''].map((other) =>
      changed(of, `F2 the type "${other}"`, changeText(other, id, { nope: '1' }), 409, [
        'type_conflict',
        at('/data/type'),
      ]),
    ),
    changed(
      of,
      'F2 another type and id',
      changeText('users', NOTHING, {}),
      409,
      ['type_conflict', at('/data/id')],
      ['type_conflict', at('/data/type')],
    ),
    ...['nope', '', '__proto__', 'constructor', 'id', 'type'].map((name) => set(of, name, '1')),
    changed(
      of,
      'an unknown relationship',
      `{"data":{"type":"${type}","id":"${id}","relationships":{"nope":{"data":null}}}}`,
      400,
      ['invalid_relationship', at('/data/relationships/nope')],
    ),
    [
      `${type}: a wrong type of body`,
      patch(path, changeText(type, id, {}), { 'content-type': 'text/plain' }),
      415,
      ['unsupported_media_type', { header: 'Content-Type' }],
    ],
    [
      `${type}: an answer that is not there`,
      patch(path, changeText(type, id, {}), { accept: 'text/html' }),
      406,
      ['not_acceptable', { header: 'Accept' }],
    ],
    ...['include=', 'sort=name', 'page[size]=1', 'filter[status]=active', 'foo=1'].map((query): Row => [
      `${type}: E1 ?${query}`,
      patch(`${path}?${query}`, changeText(type, id, {})),
      400,
      byParameter(query.split('=')[0] ?? ''),
    ]),
    ...[NOTHING, 'abc', '%00', '__proto__'].map((unknown): Row => [
      `${type}: F6 at the address ${unknown}`,
      patch(
        `/${type}/${unknown}`,
        changeText(type, decodeURIComponent(unknown).replace('\0', '\\u0000'), {}),
      ),
      404,
      ['not_found'],
    ]),
    [
      `${type}: something wrong at an address where there is nothing`,
      patch(`/${type}/${NOTHING}`, changeText(type, NOTHING, { nope: '1' })),
      400,
      ['invalid_attribute', at('/data/attributes/nope')],
    ],
  ];
};

/** A DELETE that something is wrong with. */
export const removal = (
  of: Thing,
  sent: string,
  wire: Partial<Wire>,
  status: number,
  ...errors: Expected[]
): Row => [`DELETE of ${of.type}: ${sent}`, { method: 'DELETE', path: of.path, ...wire }, status, ...errors];
/** What can be wrong with every DELETE. */
export const removals = (of: Thing): Row[] => [
  ...['{}', '[]', 'null', '{"meta":{}}'].map((body) =>
    removal(of, `the body ${body}`, { body }, 400, ['invalid_document', at('')]),
  ),
  ...['null', '[]', '"x"', '{}', `{"type":"${of.type}"}`].map((data) =>
    removal(
      of,
      `the data ${data.slice(0, 20)}`,
      { body: `{"data":${data}}` },
      400,
      ...Array.from({ length: data === '{}' ? 2 : 1 }, (): Expected => ['invalid_document', at('/data')]),
    ),
  ),
  removal(of, 'the id of another', { body: `{"data":{"type":"${of.type}","id":"${NOTHING}"}}` }, 409, [
    'type_conflict',
    at('/data/id'),
  ]),
  removal(of, 'the type of another', { body: `{"data":{"type":"users","id":"${of.id}"}}` }, 409, [
    'type_conflict',
    at('/data/type'),
  ]),
  removal(of, 'attributes', { body: `{"data":{"type":"${of.type}","id":"${of.id}","attributes":{}}}` }, 400, [
    'invalid_document',
    at('/data/attributes'),
  ]),
  removal(of, 'half a body', { body: '{' }, 400, ['malformed_json']),
  removal(of, 'a body of text', { body: 'x', headers: { 'content-type': 'text/plain' } }, 415, [
    'unsupported_media_type',
    { header: 'Content-Type' },
  ]),
  removal(of, 'an answer that is not there', { headers: { accept: 'text/html' } }, 406, [
    'not_acceptable',
    { header: 'Accept' },
  ]),
  ...['foo=1', 'include=', `fields[nope]=a`].map((query) =>
    removal(of, `E1 ?${query}`, { path: `${of.path}?${query}` }, 400, byParameter(query.split('=')[0] ?? '')),
  ),
  ...[NOTHING, 'abc', '%00', '__proto__'].map((unknown) =>
    removal(of, `F9 the address ${unknown}`, { path: `/${of.type}/${unknown}` }, 404, ['not_found']),
  ),
];
