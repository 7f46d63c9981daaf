import { changed, readOnly, removal, set, sets, thing } from './changes';
import {
  at,
  changeText,
  EVENT,
  EVENT_END,
  EVENT_START,
  eventText,
  type Expected,
  NOTHING,
  post,
  type Row,
} from './row';
import { NO_INSTANTS, NO_INTEGERS, NO_TEXTS, string } from './values';

const PATH = '/events';
const PLANNED = thing('events', EVENT);

const row = (sent: string, body: string, status: number, ...errors: Expected[]): Row => [
  sent.slice(0, 100),
  post(PATH, body),
  status,
  ...errors,
];
const attribute = (name: string, text: string, status = 400, code: Expected[0] = 'invalid_attribute'): Row =>
  row(`${name} ${text}`, eventText({ [name]: text }), status, [code, at(`/data/attributes/${name}`)]);
const between = (start: string, end: string): Row =>
  row(`from ${start} to ${end}`, eventText({ starts_at: `"${start}"`, ends_at: `"${end}"` }), 400, [
    'invalid_attribute',
    at('/data/attributes/ends_at'),
  ]);

/** What attributes of events cannot be, whether they are made or changed. */
const VALUES: readonly (readonly [name: string, ...texts: string[]])[] = [
  ['name', 'null', '""', '" "', string(201), string(201, '😀'), ...NO_TEXTS],
  ['starts_at', 'null', ...NO_INSTANTS],
  ['ends_at', ...NO_INSTANTS],
  ['description', string(10_001), ...NO_TEXTS],
  ['venue', '""', '" "', string(201), ...NO_TEXTS],
  ['max_tickets_per_user', '0', '-0', '1e20', ...NO_INTEGERS],
];

/** POST of events, and what is special about changing them. */
export const EVENT_ROWS: readonly Row[] = [
  ...VALUES.flatMap(([name, ...texts]) => texts.map((text) => attribute(name, text))),
  ...['name', 'starts_at'].map((name) =>
    row(`no ${name}`, eventText({ [name]: undefined }), 400, ['invalid_attribute', at('/data/attributes')]),
  ),
  row(
    'no attributes',
    '{"data":{"type":"events"}}',
    400,
    ['invalid_attribute', at('/data')],
    ['invalid_attribute', at('/data')],
  ),
  between('2026-06-01T10:00:00Z', '2026-06-01T09:59:59.999Z'),
  between('2026-06-01T10:00:00Z', '2026-06-01T10:00:00Z'),
  between('2026-06-01T10:00:00Z', '2026-06-01T11:59:00+02:00'),
  between('9999-12-31T23:59:59.999Z', '0001-01-01T00:00:00Z'),
  ...['"scheduled"', '"cancelled"', '"nope"', 'null'].map((text) =>
    attribute('status', text, 403, 'read_only'),
  ),
  ...['created_at', 'updated_at'].map((name) => attribute(name, '1', 403, 'read_only')),
  ...['nope', 'startsAt', 'Name', 'ticket_options', '__proto__'].map((name) => attribute(name, '1')),
  row(
    'the ticket options, which are read-only',
    eventText().replace('"attributes"', '"relationships":{"ticket_options":{"data":[]}},"attributes"'),
    403,
    ['read_only', at('/data/relationships/ticket_options')],
  ),
  row('D2 the type ticket_options', eventText().replace('"events"', '"ticket_options"'), 409, [
    'type_conflict',
    at('/data/type'),
  ]),
  ...[`"${NOTHING}"`, '""', 'null', '5'].map((id) =>
    row(`D3 the id ${id}`, eventText().replace('"type"', `"id":${id},"type"`), 403, [
      'client_id_forbidden',
      at('/data/id'),
    ]),
  ),
  row(
    'everything wrong at once',
    '{"data":{"type":"events","id":"x","attributes":{"name":"","ends_at":5,"status":"x","a":1},"relationships":{"b":{}}}}',
    400,
    ['invalid_attribute', at('/data/attributes/a')],
    ['invalid_attribute', at('/data/attributes/name')],
    ['invalid_attribute', at('/data/attributes')],
    ['invalid_attribute', at('/data/attributes/ends_at')],
    ['invalid_relationship', at('/data/relationships/b')],
    ['client_id_forbidden', at('/data/id')],
    ['read_only', at('/data/attributes/status')],
  ),

  ...VALUES.flatMap(([name, ...texts]) => sets(PLANNED, name, ...texts)),
  ...['"Cancelled"', '"canceled"', '"active"', '""', '" cancelled"', 'null', '5', 'true', '[]', '{}'].map(
    (text) => set(PLANNED, 'status', text),
  ),
  ...readOnly(PLANNED, 'created_at', 'updated_at'),
  changed(
    PLANNED,
    'F7 its ticket options',
    `{"data":{"type":"events","id":"${EVENT}","relationships":{"ticket_options":{"data":[]}}}}`,
    403,
    ['read_only', at('/data/relationships/ticket_options')],
  ),
  ...sets(
    PLANNED,
    'ends_at',
    `"${EVENT_START}"`,
    '"2030-06-01T17:59:59.999Z"',
    '"2030-06-01T19:59:59+02:00"',
  ),
  ...sets(PLANNED, 'starts_at', `"${EVENT_END}"`, '"2030-06-01T22:00:00.001Z"', '"9999-12-31T23:59:59.999Z"'),
  changed(
    PLANNED,
    'an end before the start, both new',
    changeText('events', EVENT, { starts_at: `"${EVENT_END}"`, ends_at: `"${EVENT_START}"` }),
    400,
    ['invalid_attribute', at('/data/attributes/ends_at')],
  ),
  changed(
    PLANNED,
    'a cancellation with a wrong name',
    changeText('events', EVENT, { status: '"cancelled"', name: '""' }),
    400,
    ['invalid_attribute', at('/data/attributes/name')],
  ),
  removal(PLANNED, 'tickets of it are taken', {}, 409, ['event_in_use']),
];
