import fc from 'fast-check';
import { check, type Model, type Operation } from '../../torture/check/linearizable';
import { type OptionInput, optionModel } from '../../torture/check/option-model';
import { Random } from '../../torture/random';
import { Simulated, SIMULATED_ALLOCATION } from './simulated';

type Done = Operation<OptionInput>;

/** From when to when, and what; without an end when no answer came. */
function done(callMs: number, returnMs: number, input: OptionInput): Done {
  return { callMs, returnMs, input };
}

function buy(atMs: number, quantity: number): OptionInput {
  return { kind: 'buy', atMs, quantity };
}

function look(remaining: number): OptionInput {
  return { kind: 'look', remaining };
}

const HELD = { kind: 'reserve', id: 'r', quantity: 4, atMs: 10, untilMs: 100 } as const;

/** Each of one option with 10 tickets. */
const HISTORIES: readonly (readonly [name: string, isLinearizable: boolean, history: readonly Done[]])[] = [
  ['nothing happens', true, []],
  ['a sale is seen after it', true, [done(0, 20, buy(10, 3)), done(30, 40, look(7))]],
  ['a sale is seen while it is answered', true, [done(0, 50, buy(10, 3)), done(30, 40, look(7))]],
  ['a sale is not seen yet while it is answered', true, [done(0, 50, buy(10, 3)), done(5, 40, look(10))]],
  ['a sale is not seen after it', false, [done(0, 20, buy(10, 3)), done(30, 40, look(10))]],
  [
    'one look has seen a sale, and a later one has not',
    false,
    [done(0, 90, buy(10, 3)), done(30, 40, look(7)), done(50, 60, look(10))],
  ],
  ['more is sold than there is', false, [done(0, 20, buy(10, 6)), done(0, 20, buy(11, 6))]],
  [
    'sold out is said although it is not',
    false,
    [done(0, 20, buy(10, 6)), done(30, 40, { kind: 'too many', quantity: 4 })],
  ],
  ['a sale without an answer has happened', true, [done(0, Infinity, buy(10, 3)), done(30, 40, look(7))]],
  [
    'a refund without an answer happens after all looks that do not see it',
    true,
    [
      done(0, 20, buy(10, 3)),
      { ...done(25, Infinity, { kind: 'refund', quantity: 3 }), mayBeMissing: true },
      done(30, 40, look(7)),
      done(50, 60, look(10)),
    ],
  ],
  [
    'a refund without an answer is seen twice',
    false,
    [
      done(0, 20, buy(10, 3)),
      { ...done(25, Infinity, { kind: 'refund', quantity: 1 }), mayBeMissing: true },
      done(50, 60, look(9)),
    ],
  ],
  ['a hold is seen while it lasts', true, [done(0, 20, HELD), done(30, 40, look(6))]],
  ['a hold is seen after it is over', false, [done(0, 20, HELD), done(130, 140, look(6))]],
  ['a hold is not seen before it is over', false, [done(0, 20, HELD), done(30, 40, look(10))]],
  [
    'what a hold had is sold the moment it is over',
    true,
    [done(0, 20, HELD), done(90, 110, buy(100, 10)), done(120, 130, look(0))],
  ],
  ['what a hold has is sold before it is over', false, [done(0, 20, HELD), done(50, 60, buy(55, 10))]],
  [
    'a hold is paid in time',
    true,
    [
      done(0, 20, HELD),
      done(90, 150, { kind: 'begin', id: 'r' }),
      done(90, 150, { kind: 'settle', id: 'r' }),
      done(160, 170, { kind: 'look', sold: 4, reserved: 0 }),
    ],
  ],
  [
    'a hold that is over is paid',
    false,
    [
      done(0, 20, HELD),
      done(110, 150, { kind: 'begin', id: 'r' }),
      done(110, 150, { kind: 'settle', id: 'r' }),
    ],
  ],
  [
    'a hold that is over is extended',
    false,
    [done(0, 20, HELD), done(110, 120, { kind: 'extend', id: 'r', untilMs: 200 })],
  ],
  [
    'a hold is paid twice',
    false,
    [
      done(0, 20, HELD),
      done(30, 50, { kind: 'begin', id: 'r' }),
      done(30, 50, { kind: 'settle', id: 'r' }),
      done(60, 70, { kind: 'begin', id: 'r' }),
    ],
  ],
  [
    'tickets come back twice',
    false,
    [done(0, 20, buy(10, 3)), done(30, 40, { kind: 'refund', quantity: 3 }), done(50, 60, look(13))],
  ],
  [
    'what is cancelled before it is there is held all the same',
    true,
    [done(0, 30, { kind: 'cancel', id: 'r' }), done(0, 20, HELD), done(40, 50, look(6))],
  ],
  [
    'what is cancelled after it is there is held all the same',
    false,
    [done(0, 20, HELD), done(30, 40, { kind: 'cancel', id: 'r' }), done(50, 60, look(6))],
  ],
  [
    'something of what was called off is sold',
    false,
    [done(0, 20, { kind: 'call off' }), done(30, 40, buy(35, 1))],
  ],
  [
    'there is less than is sold',
    false,
    [done(0, 20, buy(10, 6)), done(30, 40, { kind: 'resize', allocation: 5 })],
  ],
];

test.each(HISTORIES)('%s: linearizable is %s', (_name, isLinearizable, history) => {
  expect(check(optionModel(10), history).is === 'linearizable').toBe(isLinearizable);
});

/** Tries every order of every choice, without any of what makes the checker quick. */
function bruteForce<State>(
  model: Model<State, OptionInput>,
  history: readonly Done[],
  state: State,
): boolean {
  if (history.every(({ mayBeMissing }) => mayBeMissing === true)) return true;
  const untilMs = Math.min(...history.map(({ returnMs }) => returnMs));
  return history.some((each, place) => {
    if (each.callMs > untilMs) return false;
    const rest = history.toSpliced(place, 1);
    return model.step(state, each).some((next) => bruteForce(model, rest, next));
  });
}

const quantity = fc.integer({ min: 1, max: 4 });
const id = fc.constantFrom('a', 'b');
const time = fc.integer({ min: 0, max: 60 });
const inputs: fc.Arbitrary<OptionInput> = fc.oneof(
  fc.record({ kind: fc.constant('buy' as const), quantity, atMs: time }),
  fc.record({
    kind: fc.constant('reserve' as const),
    id,
    quantity,
    atMs: time,
    untilMs: fc.nat({ max: 90 }),
  }),
  fc.record({ kind: fc.constantFrom('begin', 'settle', 'fail', 'cancel'), id }),
  fc.record({ kind: fc.constant('extend' as const), id, untilMs: fc.nat({ max: 90 }) }),
  fc.record({ kind: fc.constant('look' as const), remaining: fc.nat({ max: 6 }) }),
  fc.record({ kind: fc.constant('look' as const), sold: fc.nat({ max: 4 }), reserved: fc.nat({ max: 4 }) }),
  fc.record({ kind: fc.constantFrom('refund', 'too many'), quantity }),
  fc.constant({ kind: 'call off' } as const),
);
const operations = fc
  .record({
    input: inputs,
    at: time,
    before: fc.nat({ max: 20 }),
    after: fc.nat({ max: 20 }),
    fate: fc.nat({ max: 9 }),
  })
  .map(({ input, at, before, after, fate }): Done => {
    // What says when it was decided was decided while it was asked.
    const middleMs = 'atMs' in input ? input.atMs : at;
    const asked = { input, callMs: middleMs - before };
    if (fate === 0) return { ...asked, returnMs: Infinity, mayBeMissing: true };
    return { ...asked, returnMs: fate === 1 ? Infinity : middleMs + after };
  });

const READS: ReadonlySet<string> = new Set(['look', 'too many']);

test('says of short histories what trying every order says', () => {
  const said = { linearizable: 0, other: 0 };
  fc.assert(
    fc.property(fc.array(operations, { maxLength: 6 }), (history) => {
      // Nobody waits for the answer of what only reads.
      const model = optionModel(6);
      const asked = history.filter(({ input, returnMs }) => returnMs < Infinity || !READS.has(input.kind));
      const expected = bruteForce(model, asked, model.initial);
      said[expected ? 'linearizable' : 'other'] += 1;
      expect(check(model, asked).is).toBe(expected ? 'linearizable' : 'not linearizable');
    }),
    { numRuns: 20_000 },
  );
  // Neither of the two answers was a rare one.
  expect(Math.min(said.linearizable, said.other)).toBeGreaterThan(500);
});

/** As many as there are options in a round, each asked by some of its clients. */
const options = Array.from({ length: 12 }, (_, seed) =>
  new Simulated(new Random(seed), false).live(2, 1_000),
);
const hot = new Simulated(new Random(7), true).live(24, 12_000);
/** Under 1 s and under 4 s on two cores that do nothing else; here others may be at work. */
const [FOUND_MS, EXCLUDED_MS] = [10_000, 40_000];

/** @returns the same, but one look near the end has seen a ticket too many */
function withOneWrong(history: readonly Done[]): Done[] {
  const at = history.findLastIndex(({ input }) => input.kind === 'look' && input.sold !== undefined);
  return history.map((each, index) =>
    index === at && each.input.kind === 'look'
      ? { ...each, input: { ...each.input, remaining: (each.input.remaining ?? 0) + 1 } }
      : each,
  );
}

describe.each([
  ['on 12 options', options],
  ['on one hot option whose sales say when they were decided', [hot]],
])('12,000 operations with more than 16 in flight %s', (_name, all) => {
  test('are found to be linearizable, in seconds', () => {
    expect(all.reduce((sum, { inFlight }) => sum + inFlight, 0)).toBeGreaterThan(16);
    const begunMs = performance.now();
    for (const { history } of all)
      expect(check(optionModel(SIMULATED_ALLOCATION), history)).toMatchObject({ is: 'linearizable' });
    expect(performance.now() - begunMs).toBeLessThan(FOUND_MS);
  });

  test('are found not to be when a single look late among them saw a ticket too many', () => {
    const begunMs = performance.now();
    for (const { history } of all) {
      const verdict = check(optionModel(SIMULATED_ALLOCATION), withOneWrong(history));
      expect(verdict).toMatchObject({ is: 'not linearizable' });
    }
    expect(performance.now() - begunMs).toBeLessThan(EXCLUDED_MS);
  }, 60_000);
});
