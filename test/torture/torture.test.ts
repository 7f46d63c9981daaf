import { FAULT_NAMES } from '../../torture/faults/faults';
import { keepEvidence } from '../../torture/evidence';
import { liveThrough } from '../../torture/round';

/** A seed that is new each time finds more in the long run than one that is always the same; it is told when something is wrong. */
const seed = Date.now() % 1_000_000;

test('two instances are hurt in every way for 20 s, and nothing is lost, sold twice or told wrong', async () => {
  const round = await liveThrough({ seed, ms: 20_000 });
  const { anomalies, told, thrown, impossible, ordered } = round;
  const evidence = anomalies.length === 0 ? undefined : await keepEvidence(round);
  expect({ seed, anomalies, evidence }).toEqual({ seed, anomalies: [], evidence: undefined });
  // It was no quiet time: most kinds of faults were thrown, and all the same a lot was done.
  const kinds = new Set(thrown.map(({ name }) => name));
  expect(kinds.size).toBeGreaterThan((FAULT_NAMES.length - impossible.length) / 2);
  const done = new Set(told.filter(({ outcome }) => outcome === 'done').map(({ wish }) => wish.kind));
  expect(done.size).toBeGreaterThanOrEqual(8);
  expect(told.some(({ outcome }) => outcome === 'unknown')).toBe(true);
  expect(ordered).toBeGreaterThan(200);
}, 120_000);
