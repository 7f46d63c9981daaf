import fc from 'fast-check';
import { audit } from '../../src/allocation/audit';
import { REFUSAL_CODES, type RefusalCode, refusalKind } from '../../src/refusals';
import { DatabaseService } from '../../src/database/database.service';
import { listen, startApp, type TestApp } from '../support/app';
import { purchase } from '../support/builders';
import { checkContract, operationAt, OPERATIONS } from '../support/contract';
import { checkedDocument, headerProblems, type JsonApiDocument } from '../support/json-api-document';
import { Client } from './client';
import { describedPlans } from './fuzz/described';
import { OPTIONS } from './fuzz/documents';
import { type Plan, plans, wireOf } from './fuzz/plans';
import { letADayPass, pay, startPaying } from './reservation-steps';
import { dataOf, send } from './wire';

const REQUESTS = 20_000;
/** A new one for every run; a failure tells it. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** What no request alone brings about: time, the size of the header, their number, bugs, load and a lost database. */
const NOT_BY_REQUESTS = [408, 429, 431, 500, 503];
/** And what takes two at a time, or a token. */
const NOT_BY_ONE: readonly RefusalCode[] = ['idempotency_key_in_flight', 'unauthenticated', 'forbidden'];
const REACHABLE = REFUSAL_CODES.filter(
  (code) => !NOT_BY_REQUESTS.includes(refusalKind(code).status) && !NOT_BY_ONE.includes(code),
);

/** What could be meant, and what its description allows. */
const allPlans = fc.oneof({ weight: 2, arbitrary: plans }, { weight: 1, arbitrary: describedPlans });

/** These answer in plain JSON, or plain text. */
const PLAIN = /^\/(?:health|metrics|tickets|simple)\b/;

let app: TestApp;
/** What the names in plans stand for at the moment. */
const names: Record<string, string> = {};
beforeAll(async () => {
  app = await startApp({ env: { HOLD_SECONDS: '2' } });
  // Where reservations last long enough to be paid and cancelled before they are over.
  const patient = await listen(app.databaseUrl);
  try {
    await patient.nest.get(DatabaseService).start();
    await nameAll(patient);
  } finally {
    await patient.nest.close();
  }
  patient.check();
});
afterAll(() => app.stop());

/** Makes what the names in plans stand for. */
async function nameAll(by: Pick<TestApp, 'port'>): Promise<void> {
  const client = new Client(by);
  const gala = (names['gala'] = (await client.event()).id);
  for (const [name, attributes] of Object.entries(OPTIONS))
    names[name] = (await client.option(attributes, gala)).id;
  const plain = names['plain'] ?? '';
  const buy = (ticketOption: string) => client.post('/purchases', purchase({ ticketOption, quantity: 5 }));
  names['purchase'] = dataOf(await buy(plain)).id;
  names['elsewhere'] = (await client.option()).id;
  names['number'] = await numberOf(client, plain);
  // Whoever orders too many of these is refused, and leaves them to the others.
  names['ample'] = (await client.option({ allocation: 2_147_483_647, max_per_order: 10 }, gala)).id;
  names['ample_number'] = await numberOf(client, names['ample']);
  await buy((names['tight'] = (await client.option()).id));

  const cancelled = await client.event();
  names['void_event'] = cancelled.id;
  names['void'] = (await client.option({}, cancelled.id)).id;
  names['void_reservation'] = (await client.reserve(names['void'])).id;
  await client.change(cancelled, { status: 'cancelled' });

  for (const name of ['expired', 'cancelled', 'paying', 'paid'])
    names[name] = (await client.reserve(plain)).id;
  await letADayPass(app.database, names['expired'] ?? '');
  await client.remove(`/reservations/${names['cancelled'] ?? ''}`);
  await startPaying(app.database, names['paying'] ?? '');
  await pay(by, names['paid'] ?? '');
  names['refunded'] = dataOf(await buy(plain)).id;
  await client.remove(`/purchases/${names['refunded']}`);
}

/** @returns what a ticket option is called where ids are numbers. */
async function numberOf(client: Client, option: string): Promise<string> {
  return String((await client.read(`/ticket_options/${option}`)).attributes?.['number']);
}

/** Sends the request of a plan. @returns the status and the codes of all errors, after checking the answer */
async function run(
  plan: Plan,
): Promise<{ operation: string; status: number; codes: readonly RefusalCode[] }> {
  const inFuture = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const times = { soon: inFuture(5_000), later: inFuture(3_000_000), hour_ago: inFuture(-3_600_000) };
  const wire = wireOf(plan, { ...names, ...times });
  const received = await send(app, wire);
  const { status } = received;
  const operation = operationAt(wire.method, wire.path);
  if (status >= 500) throw new Error(`${status} ${received.text}`);
  checkContract(received, wire);
  if (PLAIN.test(wire.path)) return { operation, status, codes: codesOf(received.text) };
  if (wire.method === 'HEAD' || status === 304) {
    const problems = headerProblems(received);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return { operation, status, codes: [] };
  }
  const document = checkedDocument(received, wire);
  remember(document, status);
  const codes = document.errors?.map(({ code }) => code) ?? [];
  return { operation, status, codes };
}

/** @returns the code of a refusal in plain JSON; metrics are told in lines that begin otherwise */
function codesOf(text: string): readonly RefusalCode[] {
  const { error } = (text === '' || text.startsWith('# ') ? {} : JSON.parse(text)) as {
    error?: { code: RefusalCode };
  };
  return error === undefined ? [] : [error.code];
}

/** Later plans may be about what this one has made, and go on where its list ends. */
function remember({ data, included = [], errors = [] }: JsonApiDocument, status: number): void {
  const attempt = errors[0]?.meta?.['payment_id'];
  if (typeof attempt === 'string') names['failed'] = attempt;
  if (data === undefined) return;
  if (!Array.isArray(data)) {
    if (status !== 201) return;
    const { id, type, attributes } = data;
    names[`new_${type}`] = id;
    if (type === 'ticket_options') names['number'] = String(attributes?.['number']);
    if (type === 'reservations' && attributes?.['total_cents'] !== 0) names['payable'] = id;
    if (included[0] !== undefined) names['bought'] = included[0].id;
    return;
  }
  for (const { type, meta } of data) names[`cursor_${type}`] = meta?.page.cursor ?? '';
}

test('20,000 random requests: never a 5xx, all as it is described, every operation and every refusal reached', async () => {
  const reached = new Map<RefusalCode, number>(REACHABLE.map((code) => [code, 0]));
  const accepted: Record<string, number> = {};
  const done = new Set<string>();
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(allPlans, async (plan) => {
      const { operation, status, codes } = await run(plan);
      sent += 1;
      if (status < 300) {
        done.add(operation);
        accepted[plan.method] = (accepted[plan.method] ?? 0) + 1;
      }
      for (const code of codes) reached.set(code, (reached.get(code) ?? 0) + 1);
    }),
    { numRuns: REQUESTS, seed: SEED },
  );
  expect(sent).toBe(REQUESTS);
  const missing = [...reached].filter(([, times]) => times === 0);
  const unexpected = [...reached.keys()].filter((code) => !REACHABLE.includes(code));
  const never = OPERATIONS.filter((each) => !done.has(each));
  expect({ SEED, missing, unexpected, never }).toEqual({ SEED, missing: [], unexpected: [], never: [] });
  const { POST = 0, PATCH = 0, DELETE = 0, GET = 0 } = accepted;
  expect(POST).toBeGreaterThanOrEqual(REQUESTS / 40);
  for (const times of [PATCH, DELETE, GET]) expect(times).toBeGreaterThanOrEqual(REQUESTS / 100);
  expect(await audit(app.database)).toEqual([]);
}, 600_000);

test('a seed makes the same requests again, and a reported path leads to the same one', () => {
  const bodies = (): string[] =>
    fc.sample(allPlans, { seed: SEED, numRuns: 200 }).map((plan) => JSON.stringify(plan));
  expect(bodies()).toEqual(bodies());

  const noDeletes = fc.property(allPlans, (plan) => {
    expect(plan.method).not.toBe('DELETE');
  });
  const failed = fc.check(noDeletes, { seed: SEED, numRuns: REQUESTS });
  if (!failed.failed || failed.counterexamplePath === null) throw new Error('no plan deletes anything');
  const { seed, counterexample, counterexamplePath: path } = failed;
  const again = fc.check(noDeletes, { seed, path, endOnFailure: true });
  expect(again.counterexample).toEqual(counterexample);
});
