import { type Source, OPTION, optionText, post, type Row } from './row';
import { J } from '../wire';

const CONTENT_TYPE: Source = { header: 'Content-Type' };
const ACCEPT: Source = { header: 'Accept' };

const type = (rule: string, value: string | undefined): Row => [
  `${rule} Content-Type ${value ?? 'missing'}`,
  post('/ticket_options', optionText(), { 'content-type': value }),
  415,
  ['unsupported_media_type', CONTENT_TYPE],
];
const accept = (rule: string, value: string): Row[] => [
  [
    `${rule} Accept ${value} of a POST`,
    post('/ticket_options', optionText(), { accept: value }),
    406,
    ['not_acceptable', ACCEPT],
  ],
  [
    `${rule} Accept ${value} of a GET`,
    { method: 'GET', path: `/ticket_options/${OPTION}`, headers: { accept: value } },
    406,
    ['not_acceptable', ACCEPT],
  ],
];

/** Media types of bodies and answers. */
export const HEADER_ROWS: readonly Row[] = [
  ...[
    `${J}; charset=utf-8`,
    `${J}; q=1`,
    `${J};foo=bar`,
    `${J}; CHARSET="utf-8"`,
    `${J}; profile="https://e.x/p"; charset=utf-8`,
    `${J}; q=0.5; profile="https://e.x/p"`,
  ].map((value) => type('A3', value)),
  ...[
    `${J}; ext="https://e.x/none"`,
    `${J}; ext="https://jsonapi.org/ext/atomic https://e.x/none"`,
    `${J}; ext="https://jsonapi.org/ext/atomic"`,
    `${J}; EXT="https://e.x/none"`,
    `${J}; ext=none`,
  ].map((value) => type('A4', value)),
  ...[
    undefined,
    'text/plain',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonp',
    'application/vnd.api+jsonx',
    'application/json; charset=iso-8859-1',
    `${J}, application/json`,
    `text/plain, ${J}`,
    'application',
    '/',
    ';',
    '*/*',
    '\u00ff',
  ].map((value) => type('A11', value)),
  ...[`${J}; ext="x`, `${J}; ext="a  b"`, `${J}; profile="a"; profile="b"`, `${J}; profile`, `${J}; =x`].map(
    (value) => type('A14', value),
  ),
  [
    'A11 a purchase without Content-Type',
    post('/purchases', '{}', { 'content-type': undefined }),
    415,
    ['unsupported_media_type', CONTENT_TYPE],
  ],

  ...[`${J}; charset=utf-8`, `${J}; charset=utf-8, ${J};v=1`].flatMap((value) => accept('A6', value)),
  ...accept('A7', `${J}; charset=utf-8, */*`),
  ...[`${J}; ext="https://e.x/none"`, `${J}; ext="https://e.x/none", */*`].flatMap((value) =>
    accept('A8', value),
  ),
  ...[`${J};q=0`, `${J};q=0.000, text/html`, '*/*;q=0', 'application/json;q=0'].flatMap((value) =>
    accept('A9', value),
  ),
  ...['text/html', 'text/*', 'image/png, text/html', 'application/xml', 'x'].flatMap((value) =>
    accept('A10', value),
  ),
  ...[`${J}; ext="x`, `${J}; ext="a  b"`, `${J}; q=0.5; q=1`].flatMap((value) => accept('A14', value)),

  ...['gzip', 'deflate', 'br', 'compress', 'x', 'gzip, identity'].map((coding): Row => [
    `Content-Encoding ${coding}, of a body that is not encoded`,
    post('/ticket_options', optionText(), { 'content-encoding': coding }),
    415,
    ['unsupported_media_type', { header: 'Content-Encoding' }],
  ]),
  [
    'wrong type and unacceptable answer: the type comes first',
    post('/ticket_options', optionText(), { 'content-type': 'text/plain', accept: 'text/html' }),
    415,
    ['unsupported_media_type', CONTENT_TYPE],
  ],
  [
    'a wrong type of a wrong body: the type comes first',
    post('/ticket_options', '{', { 'content-type': 'text/plain' }),
    415,
    ['unsupported_media_type', CONTENT_TYPE],
  ],
  [
    'an unacceptable answer to a body that is too large: the headers come first',
    post('/ticket_options', optionText().padEnd(65_537), { accept: 'text/html' }),
    406,
    ['not_acceptable', ACCEPT],
  ],
];
