import { NO_TEXTS, string } from './values';
import {
  at,
  type Expected,
  NOTHING,
  OPTION,
  PAYABLE,
  PAYMENT,
  paymentText,
  post,
  PURCHASE,
  RESERVATION,
  type Row,
  toReservation,
  USER,
} from './row';

const PATH = '/payments';
const AT_RESERVATION = '/data/relationships/reservation';

const row = (sent: string, body: string | Buffer, status: number, ...errors: Expected[]): Row => [
  sent.slice(0, 100),
  post(PATH, body),
  status,
  ...errors,
];
const invalid = (data: string, pointer: string): Row =>
  row(`the data ${data}`, `{"data":${data}}`, 400, ['invalid_document', at(pointer)]);
const malformed = (sent: string, body: string | Buffer): Row => row(sent, body, 400, ['malformed_json']);
const values = (name: 'token' | 'currency', ...texts: string[]): Row[] =>
  texts.map((text) =>
    row(`the ${name} ${text}`, paymentText({ [name]: text }), 400, [
      'invalid_attribute',
      at(`/data/attributes/${name}`),
    ]),
  );
/** Instead of the reservation. */
const linked = (sent: string, pointer: string): Row =>
  row(`the reservation ${sent}`, paymentText({ reservation: sent }), 400, [
    'invalid_relationship',
    at(`${AT_RESERVATION}${pointer}`),
  ]);
const unknown = (id: string): Row =>
  row(`D8 the reservation "${id}"`, paymentText({ reservation: toReservation(id) }), 404, [
    'not_found',
    at(`${AT_RESERVATION}/data/id`),
  ]);
const withAttribute = (name: string, text: string): string =>
  paymentText().replace('"attributes":{', `"attributes":{"${name}":${text},`);
const withRelationship = (name: string): string =>
  paymentText().replace('"relationships":{', `"relationships":{"${name}":{"data":null},`);
const deep = '['.repeat(10_000) + ']'.repeat(10_000);
const DATA = paymentText().slice('{"data":'.length, -1);

const SHAPES: readonly Row[] = [
  ['no body', { method: 'POST', path: PATH }, 400, ['malformed_json']],
  malformed('an empty body', ''),
  malformed('half a document', paymentText().slice(0, 40)),
  malformed('a NUL byte in the token', Buffer.from(paymentText({ token: '"a\0"' }))),
  malformed('a byte that UTF-8 never has', Buffer.from(paymentText({ token: '"\u00ff"' }), 'latin1')),
  malformed('a token twice', paymentText().replace('"token"', '"token":"x","token"')),
  malformed(
    'a reservation twice',
    paymentText().replace('"reservation":', '"reservation":null,"reservation":'),
  ),
  malformed('an id twice', paymentText().replace('"id":', '"id":"x","id":')),
  ...['null', '[]', '"x"', '5', 'true', '{}', '{"Data":{}}'].map((body) =>
    row(`the body ${body}`, body, 400, ['invalid_document', at('')]),
  ),
  ...['null', '[]', '"x"', '5', `[${DATA}]`].map((data) => invalid(data, '/data')),
  invalid(DATA.replace('"type":"payments",', ''), '/data'),
  ...['null', '5', '{}', '["payments"]'].map((type) =>
    invalid(DATA.replace('"payments"', type), '/data/type'),
  ),
  ...['null', '[]', '"x"', '5'].flatMap((group) => [
    invalid(DATA.replace('{"token":"tok"}', group), '/data/attributes'),
    invalid(`{"type":"payments","relationships":${group}}`, '/data/relationships'),
  ]),
  ...[deep, `"${'a'.repeat(10)}",${deep.replace('[', '"x":[')}`].map((token) =>
    row('something 10,000 deep', paymentText({ token }), 400, ['invalid_document', at('')]),
  ),
  row('a body over the limit', paymentText().padEnd(65_537), 413, ['payload_too_large']),
  ...['reservations', 'Payments', 'payment', '', '__proto__'].map((type) =>
    row(`D2 the type "${type}"`, paymentText().replace('"payments"', `"${type}"`), 409, [
      'type_conflict',
      at('/data/type'),
    ]),
  ),
  ...[`"${NOTHING}"`, '""', 'null', '5', '{}'].map((id) =>
    row(`D3 the id ${id}`, paymentText().replace('"type"', `"id":${id},"type"`), 403, [
      'client_id_forbidden',
      at('/data/id'),
    ]),
  ),
];

const ATTRIBUTES: readonly Row[] = [
  ...values('token', 'null', '""', '" "', '"\\t\\n\\u00a0\\u2003"', string(501), string(501, '😀')),
  ...values('token', ...NO_TEXTS, '0', '-1', '2.5', '1e400', 'false', '{"id":"tok"}'),
  ...values('currency', 'null', '""', '" "', string(21), string(21, '😀')),
  ...values('currency', ...NO_TEXTS, '0', '978', '1e400', 'false', '["EUR"]'),
  ...['"GBP"', '"eur"', '"EUR "', '"ＥＵＲ"', '"€"', '"EURO"', '"\\"`\\n"', string(20), string(20, '😀')].map(
    (currency) =>
      row(
        `the currency ${currency}, where nothing is to be paid`,
        paymentText({ token: undefined, currency, reservation: toReservation(RESERVATION) }),
        400,
        ['currency_error', at('/data/attributes/currency')],
      ),
  ),
  row('no token', paymentText({ token: undefined, currency: '"EUR"' }), 400, [
    'invalid_attribute',
    at('/data/attributes'),
  ]),
  row('no token, and another currency', paymentText({ token: undefined, currency: '"GBP"' }), 400, [
    'invalid_attribute',
    at('/data/attributes'),
  ]),
  row('empty attributes', paymentText({ token: undefined }), 400, ['invalid_attribute', at('/data')]),
  row('no attributes', paymentText().replace(/"attributes":.*?},/, ''), 400, [
    'invalid_attribute',
    at('/data'),
  ]),
  ...['status', 'amount_cents', 'refunded_cents', 'failure_code', 'created_at'].flatMap((name) =>
    ['1', 'null'].map((text) =>
      row(`${name} ${text}, which is read-only`, withAttribute(name, text), 403, [
        'read_only',
        at(`/data/attributes/${name}`),
      ]),
    ),
  ),
  ...['Token', 'amount', 'card', 'quantity', 'reservation', 'id', 'type', '', 'failureCode'].map((name) =>
    row(`the attribute "${name}"`, withAttribute(name, '1'), 400, [
      'invalid_attribute',
      at(`/data/attributes/${name}`),
    ]),
  ),
  ...['__proto__', 'constructor', 'toString', 'then'].map((name) =>
    row(`the attribute "${name}"`, withAttribute(name, '{"a":1}'), 400, [
      'invalid_attribute',
      at(`/data/attributes/${name}`),
    ]),
  ),
  row('the attribute a/b~c', withAttribute('a/b~c', '1'), 400, [
    'invalid_attribute',
    at('/data/attributes/a~1b~0c'),
  ]),
];

const RELATIONSHIPS: readonly Row[] = [
  row('no relationships', '{"data":{"type":"payments","attributes":{"token":"tok"}}}', 400, [
    'invalid_relationship',
    at('/data'),
  ]),
  row('no reservation', paymentText({ reservation: undefined }), 400, [
    'invalid_relationship',
    at('/data/relationships'),
  ]),
  ...['null', '[]', '"x"', '5', '{}', '{"links":{"related":"/x"}}', '{"meta":{}}', '{"Data":null}'].map(
    (sent) => linked(sent, ''),
  ),
  ...['null', '[]', '"x"', '5', `[{"type":"reservations","id":"${PAYABLE}"}]`].map((data) =>
    linked(`{"data":${data}}`, '/data'),
  ),
  ...['{}', `{"id":"${PAYABLE}"}`, '{"type":"reservations"}', '{"type":"reservations","lid":"1"}'].map(
    (data) => linked(`{"data":${data}}`, '/data'),
  ),
  ...['"payments"', '"Reservations"', '"reservation"', 'null', '5', '""', '{}'].map((type) =>
    linked(`{"data":{"type":${type},"id":"${PAYABLE}"}}`, '/data/type'),
  ),
  ...['5', 'null', '""', '{}', '[]', 'true', `["${PAYABLE}"]`].map((id) =>
    linked(`{"data":{"type":"reservations","id":${id}}}`, '/data/id'),
  ),
  linked(`{"__proto__":{"data":{"type":"reservations","id":"${PAYABLE}"}}}`, ''),
  linked(`{"data":{"__proto__":{"type":"reservations","id":"${PAYABLE}"}}}`, '/data'),
  ...[NOTHING, OPTION, USER, PAYMENT, PURCHASE, 'abc', '\\u0000', '\\ud800', "' OR 1=1 --"].map(unknown),
  ...[`{${PAYABLE}}`, ` ${PAYABLE}`, `${PAYABLE}2`, '__proto__', 'x'.repeat(10_000)].map(unknown),
  row('the purchases, which are read-only', withRelationship('purchases'), 403, [
    'read_only',
    at('/data/relationships/purchases'),
  ]),
  ...['purchase', 'reservations', 'Reservation', 'user', 'event', '__proto__', 'constructor'].map((name) =>
    row(`the relationship ${name}`, withRelationship(name), 400, [
      'invalid_relationship',
      at(`/data/relationships/${name}`),
    ]),
  ),
];

/** The documents of new payments. */
export const PAYMENT_ROWS: readonly Row[] = [...SHAPES, ...ATTRIBUTES, ...RELATIONSHIPS];
