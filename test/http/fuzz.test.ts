import fc from 'fast-check';
import { audit } from '../../src/allocation/audit';
import { REFUSAL_CODES, type RefusalCode, refusalKind } from '../../src/refusals';
import { startApp, type TestApp } from '../support/app';
import { purchase, ticketOption } from '../support/builders';
import { checkedDocument, headerProblems } from '../support/json-api-document';
import { OPTIONS, type Plan, plans, wireOf } from './fuzz/plans';
import { ask, dataOf, idIn, json, send } from './wire';

const REQUESTS = 5_000;
/** A new one for every run; a failure tells it. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** What no request alone brings about: time, the size of the header, bugs, load and a lost database. */
const NOT_BY_REQUESTS = [408, 431, 500, 503];
const REACHABLE = REFUSAL_CODES.filter((code) => !NOT_BY_REQUESTS.includes(refusalKind(code).status));

let app: TestApp;
const ids: Record<string, string> = {};
beforeAll(async () => {
  app = await startApp();
  const post = async (path: string, document: unknown) =>
    dataOf(await ask(app, { method: 'POST', path, body: json(document) }));
  for (const [name, attributes] of Object.entries(OPTIONS)) {
    const option = await post('/ticket_options', ticketOption(attributes));
    ids[name] = option.id;
    ids['event'] = idIn(option, 'event');
  }
  ids['purchase'] = (await post('/purchases', purchase({ ticketOption: ids['plain'] ?? '' }))).id;
});
afterAll(() => app.stop());

/** Sends the request of a plan. @returns the status and the codes of all errors, after checking the answer */
async function run(plan: Plan): Promise<{ status: number; codes: readonly RefusalCode[] }> {
  const wire = wireOf(plan, ids);
  const received = await send(app, wire);
  const { status } = received;
  if (status >= 500) throw new Error(`${status} ${received.text}`);
  if (wire.method === 'HEAD') {
    const problems = headerProblems(received);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return { status, codes: [] };
  }
  const { errors = [] } = checkedDocument(received, wire);
  return { status, codes: errors.map(({ code }) => code) };
}

test('5,000 random requests: never a 5xx, every answer a document, every refusal reached', async () => {
  const reached = new Map<RefusalCode, number>(REACHABLE.map((code) => [code, 0]));
  let accepted = 0;
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const { status, codes } = await run(plan);
      sent += 1;
      if (status < 300) accepted += 1;
      for (const code of codes) reached.set(code, (reached.get(code) ?? 0) + 1);
    }),
    { numRuns: REQUESTS, seed: SEED },
  );
  expect(sent).toBe(REQUESTS);
  const missing = [...reached].filter(([, times]) => times === 0);
  const unexpected = [...reached.keys()].filter((code) => !REACHABLE.includes(code));
  expect({ SEED, missing, unexpected }).toEqual({ SEED, missing: [], unexpected: [] });
  expect(accepted).toBeGreaterThanOrEqual(REQUESTS / 10);
  expect(await audit(app.database)).toEqual([]);
}, 60_000);

test('a seed makes the same requests again, and a reported path leads to the same one', () => {
  const bodies = (): string[] =>
    fc.sample(plans, { seed: SEED, numRuns: 200 }).map((plan) => JSON.stringify(plan));
  expect(bodies()).toEqual(bodies());

  const noDeletes = fc.property(plans, (plan) => {
    expect(plan.method).not.toBe('DELETE');
  });
  const failed = fc.check(noDeletes, { seed: SEED, numRuns: REQUESTS });
  if (!failed.failed || failed.counterexamplePath === null) throw new Error('no plan deletes anything');
  const { seed, counterexample, counterexamplePath: path } = failed;
  const again = fc.check(noDeletes, { seed, path, endOnFailure: true });
  expect(again.counterexample).toEqual(counterexample);
});
