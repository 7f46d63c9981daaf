import { byParameter, get, NOTHING, OPTION, optionText, post, purchaseText, type Row } from './row';

/** The query on all routes that make or read purchases, and on those of options; the parameter is what the error names. */
function query(rule: string, text: string, ...parameters: string[]): Row[] {
  const errors = parameters.map(byParameter);
  return [
    [`${rule} GET /ticket_options?${text}`, get(`/ticket_options/${OPTION}?${text}`), 400, ...errors],
    ...notIncluding(rule, text, ...parameters),
  ];
}

/** The query on the routes of these that include nothing. */
function notIncluding(rule: string, text: string, ...parameters: string[]): Row[] {
  const errors = parameters.map(byParameter);
  return [
    [`${rule} GET /purchases?${text}`, get(`/purchases/${OPTION}?${text}`), 400, ...errors],
    [`${rule} POST /ticket_options?${text}`, post(`/ticket_options?${text}`, optionText()), 400, ...errors],
    [`${rule} POST /purchases?${text}`, post(`/purchases?${text}`, purchaseText()), 400, ...errors],
  ];
}

const absent = (path: string, method = 'GET'): Row => [
  `${method} ${path.slice(0, 80)}`,
  { method, path },
  404,
  ['not_found'],
];
const noId = (id: string): Row[] => [absent(`/ticket_options/${id}`), absent(`/purchases/${id}`)];
const malformed = (path: string): Row => [`GET ${path}`, { method: 'GET', path }, 400, ['malformed_request']];

/** Queries, paths and methods. */
export const ADDRESS_ROWS: readonly Row[] = [
  ...query('E1', 'foo=1', 'foo'),
  ...query('E1', 'foo', 'foo'),
  ...query('E1', 'page=1', 'page'),
  ...query('E1', 'filter', 'filter'),
  ...query('E1', 'include[]=x', 'include[]'),
  ...query('E1', 'fields=name', 'fields'),
  ...query('E1', 'fields[]=a', 'fields[]'),
  ...query('E1', 'fields[_]=a', 'fields[_]'),
  ...query('E1', 'page[_]=1', 'page[_]'),
  ...query('E1', '=1', ''),
  ...query('E1', '__proto__=1', '__proto__'),
  ...query('E1', 'fields[__proto__]=name', 'fields[__proto__]'),
  ...query('E1', 'fields[constructor]=name', 'fields[constructor]'),
  ...query('E1', 'foo=1&bar=2', 'foo', 'bar'),
  ...query('E2', 'camelCase=1', 'camelCase'),
  ...query('E2', 'utm_source=x', 'utm_source'),
  ...notIncluding('C6', 'include=', 'include'),
  ...notIncluding('C6', 'include=event', 'include'),
  ...query('C6', 'include=nope', 'include'),
  ...query('C8', 'fields[ticket_options]=nope', 'fields[ticket_options]'),
  ...query('C8', 'fields[ticket_options]=name,nope', 'fields[ticket_options]'),
  ...query('C8', 'fields[ticket_options]=name,', 'fields[ticket_options]'),
  ...query('C8', 'fields[ticket_options]=Name', 'fields[ticket_options]'),
  ...query('C8', 'fields[purchases]=id', 'fields[purchases]'),
  ...query('C8', 'fields[purchases]=__proto__', 'fields[purchases]'),
  ...query('C9', 'fields[nope]=a', 'fields[nope]'),
  ...query('C9', 'fields[users]=', 'fields[users]'),
  ...query('C10', 'sort=name', 'sort'),
  ...query('C10', 'sort=', 'sort'),
  ...query('C12', 'filter[x]=1', 'filter[x]'),
  ...query('C12', 'page[size]=1', 'page[size]'),
  ...query('E4', '%00=1', '%00'),
  ...query('E4', 'fields[ticket_options]=na%00me', 'fields[ticket_options]'),
  ...query('E4', '%E0%A4%A', '%E0%A4%A'),
  ...query('E4', 'fields[ticket_options]=%ff', 'fields[ticket_options]'),
  ...query('E4', '%', '%'),
  ...query('E4', 'a+b=1', 'a b'),
  ...query('E5', 'fields[ticket_options]=name&fields[ticket_options]=kind', 'fields[ticket_options]'),
  ...query('E5', 'fields[ticket_options]=name&fields%5Bticket_options%5D=name', 'fields[ticket_options]'),

  ...['abc', '1', '-1', '0', 'null', 'undefined', '*', NOTHING, NOTHING.replaceAll('-', '')].flatMap(noId),
  ...[`%7B${NOTHING}%7D`, `${NOTHING}%0A`, `%20${NOTHING}`, '%00', `${NOTHING}%00`, '%E2%82%AC'].flatMap(
    noId,
  ),
  ...["'%20OR%201=1%20--", '..%2F..%2Fetc%2Fpasswd', '__proto__', 'constructor', `${OPTION};a=b`].flatMap(
    noId,
  ),
  ...['a'.repeat(128), 'a'.repeat(129), 'a'.repeat(8_000), '%2F'.repeat(100)].flatMap(noId),
  ...[
    '/',
    '/nope',
    '/ticket_option',
    '/TICKET_OPTIONS',
    '/ticket_options/',
    '/purchases/',
    '//ticket_options',
  ].map((path) => absent(path)),
  ...[
    `/ticket_options/${OPTION}/`,
    `/ticket_options/${OPTION}/nope`,
    `//ticket_options/${OPTION}`,
    '/.env',
  ].map((path) => absent(path)),
  ...['/health', '/health/nope', '/ticket_options/../purchases', '/./purchases', '/users', '/__proto__'].map(
    (path) => absent(path),
  ),
  ...[
    '/docs/nope',
    '/docs/../package.json',
    '/docs/%2e%2e/package.json',
    '/docs/..%2Fpackage.json',
    '/docs/%00',
  ].map((path) => absent(path)),
  ...['/openapi', '/openapi.yaml', '/openapi.json/', '/docs-json'].map((path) => absent(path)),
  ...['POST', 'PUT', 'DELETE', 'OPTIONS'].map((method) => absent('/nope', method)),
  ...['/docs', '/docs/swagger-ui.css', '/openapi.json', '/health/live', '/health/ready', '/metrics'].map(
    (path): Row => [`POST ${path}`, post(path, '{}'), 405, ['method_not_allowed']],
  ),
  [
    'POST to an unknown address, with everything wrong: the address comes first',
    post('/nope?foo=1', '{', { 'content-type': 'text/plain', accept: 'text/html' }),
    404,
    ['not_found'],
  ],
  [
    'PATCH with everything wrong: the method comes first',
    {
      method: 'PATCH',
      path: '/purchases?foo=1',
      body: '{',
      headers: { 'content-type': 'x', accept: 'text/html' },
    },
    405,
    ['method_not_allowed'],
  ],
  malformed('/ticket_options/%'),
  malformed('/ticket_options/%zz'),
  malformed('/ticket_options/%E0%A4%A'),
  malformed('/ticket_options/%ff'),
  malformed('/%'),
  malformed('/docs/%'),
];
