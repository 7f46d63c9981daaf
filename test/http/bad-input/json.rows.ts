import { at, optionText, post, purchaseText, type Row } from './row';

const OPTIONS = '/ticket_options';
const VALID = optionText();

/** The valid document with bytes in place of its name. */
const named = (...bytes: number[]): Buffer =>
  Buffer.concat([
    Buffer.from('{"data":{"type":"ticket_options","attributes":{"name":"'),
    Buffer.from(bytes),
    Buffer.from('","allocation":5}}}'),
  ]);

const nested = (open: string, close: string): string => open.repeat(10_000) + close.repeat(10_000);

const malformed = (sent: string, body: string | Buffer): Row => [
  sent,
  post(OPTIONS, body),
  400,
  ['malformed_json'],
];
const twice = (where: string, body: string): Row => [
  `a member twice ${where}`,
  post(body.includes('purchases') ? '/purchases' : OPTIONS, body),
  400,
  ['malformed_json'],
];

/** What is wrong before the document is looked at. */
export const JSON_ROWS: readonly Row[] = [
  ['no body', { method: 'POST', path: OPTIONS }, 400, ['malformed_json']],
  malformed('an empty body', ''),
  malformed('white space', ' \r\n\t'),
  malformed('a word', 'hello'),
  malformed('half a document', VALID.slice(0, 40)),
  malformed('two documents', VALID + VALID),
  malformed('a comma at the end', '{"data":{},}'),
  malformed('a comment', `${VALID}// that was it`),
  malformed('single quotes', VALID.replaceAll('"', "'")),
  malformed('NaN', VALID.replace('5', 'NaN')),
  malformed('a number in octal', VALID.replace('5', '05')),
  malformed('a number in hexadecimal', VALID.replace('5', '0x5')),
  malformed('a form', 'data[type]=ticket_options'),
  malformed('XML', '<data type="ticket_options"/>'),
  malformed('a byte order mark before the document', `\ufeff${VALID}`),
  malformed('UTF-16', Buffer.from(VALID, 'utf16le')),
  malformed('a NUL byte in a string', named(0x61, 0)),
  malformed('a NUL byte between members', Buffer.from(VALID.replace(',', ',\0'))),
  malformed('a NUL byte after the document', Buffer.from(`${VALID}\0`)),
  malformed('a line break in a string', named(0x0a)),
  malformed('an escape that JSON does not have', VALID.replace('"n"', '"\\x41"')),
  malformed('a byte that UTF-8 never has', named(0xff)),
  malformed('a UTF-8 sequence that breaks off', named(0xe2, 0x82)),
  malformed('an overlong UTF-8 sequence', named(0xc0, 0x80)),
  malformed('a surrogate in UTF-8', named(0xed, 0xa0, 0x80)),
  malformed('a code point beyond Unicode', named(0xf4, 0x90, 0x80, 0x80)),

  twice('at the top', `{"data":1,${VALID.slice(1)}`),
  twice('in the resource', VALID.replace('"type"', '"type":"users","type"')),
  twice('among the attributes', VALID.replace('"name"', '"name":"x","name"')),
  twice('among the attributes, once escaped', VALID.replace('"name"', '"\\u006eame":"x","name"')),
  twice('with the same value', VALID.replace('"name":"n"', '"name":"n","name":"n"')),
  twice('among relationships', purchaseText().replace('"user":', '"user":null,"user":')),
  twice('in a relationship', purchaseText({ user: '{"data":null,"data":null}' })),
  twice('in an identifier', purchaseText().replace('"id":', '"id":"x","id":')),
  twice('named __proto__', VALID.replace('{"data"', '{"__proto__":1,"__proto__":2,"data"')),
  twice('in what is ignored', VALID.replace('{"data"', '{"meta":[{"a":1,"a":2}],"data"')),
  twice('with colons in strings', VALID.replace('"name"', '"kind":":::","name":"x","name"')),

  ['arrays 10,000 deep', post(OPTIONS, nested('[', ']')), 400, ['invalid_document', at('')]],
  [
    'objects 10,000 deep',
    post(OPTIONS, nested('{"a":', '}').replace(':}', ':1}')),
    400,
    ['invalid_document', at('')],
  ],
  [
    'an attribute 10,000 deep',
    post(OPTIONS, optionText({ name: nested('[', ']') })),
    400,
    ['invalid_document', at('')],
  ],
  [
    'something ignored 10,000 deep',
    post(OPTIONS, VALID.replace('{"data"', `{"meta":${nested('[', ']')},"data"`)),
    400,
    ['invalid_document', at('')],
  ],
  ['brackets 10,000 deep that never close', post(OPTIONS, '['.repeat(10_000)), 400, ['malformed_json']],

  ['a body of 2 MiB', post(OPTIONS, VALID.padEnd(2 * 1024 * 1024)), 413, ['payload_too_large']],
  [
    'a body of 2 MiB in chunks',
    post(OPTIONS, VALID.padEnd(2 * 1024 * 1024), { 'transfer-encoding': 'chunked' }),
    413,
    ['payload_too_large'],
  ],
  ['a body one byte over the limit', post(OPTIONS, VALID.padEnd(65_537)), 413, ['payload_too_large']],
  [
    'a body one byte over the limit in chunks',
    post(OPTIONS, VALID.padEnd(65_537), { 'transfer-encoding': 'chunked' }),
    413,
    ['payload_too_large'],
  ],
];
