import { setTimeout as sleep } from 'node:timers/promises';
import { audit } from '../../src/allocation/audit';
import { notHeldUp } from '../support/held-up';
import { type Broken, brokenBy } from '../support/instance';
import { type Answer, codeOf, type Shop, type Wish } from '../support/shop';
import { type TwoInstances, withTwoInstances } from '../support/two-instances';

const ALLOCATIONS = [60, 40, 50] as const;
const CLIENTS = 48;
const STORM_MS = 4_000;

/** What a client may be told, by what it does. */
const EXPECTED: Record<string, readonly string[]> = {
  reserve: ['201', 'insufficient_tickets'],
  cancel: ['204'],
  buy: ['201', 'invalid_purchase_quantity'],
};
/** The answers that were given, by `what it was to: code`. */
type Told = Map<string, Answer[]>;

function note(told: Told, what: string, answer: Answer): Answer {
  const key = `${what}: ${codeOf(answer)}`;
  const same = told.get(key) ?? [];
  told.set(key, same);
  same.push(answer);
  return answer;
}

/** The answers that nobody was to be told. */
function oddOf({ told }: { readonly told: Told }): Told {
  const expected = Object.entries(EXPECTED).flatMap(([what, codes]) =>
    codes.map((code) => `${what}: ${code}`),
  );
  return new Map([...told].filter(([key]) => !expected.includes(key)));
}

/** What an option’s counters say, and what its rows add up to. */
interface Row {
  readonly allocation: number;
  readonly remaining: number;
  readonly reserved: number;
  readonly sold: number;
}

function pick<T>(items: readonly [T, ...T[]]): T {
  return items[Math.floor(Math.random() * items.length)] ?? items[0];
}

/** 1 to 3 tickets of two or all options, in any order. */
function severalOf(options: readonly string[]): Wish[] {
  const shuffled = [...options].sort(() => Math.random() - 0.5);
  return shuffled
    .slice(0, 2 + Math.floor(Math.random() * 2))
    .map((option) => ({ option, quantity: 1 + Math.floor(Math.random() * 3) }));
}

/** One client: reserves tickets of several kinds, most of the time; cancels about half of them, and lets the others run out. */
async function client(
  shops: readonly [Shop, Shop],
  options: readonly [string, ...string[]],
  untilMs: number,
  told: Told,
) {
  const mine: string[] = [];
  while (Date.now() < untilMs) {
    const shop = pick(shops);
    const dice = Math.random();
    const id = dice < 0.3 ? mine.pop() : undefined;
    if (id !== undefined) note(told, 'cancel', await shop.cancel(id));
    else if (dice > 0.97) note(told, 'buy', await shop.buy(pick(options), 1));
    else {
      const { body } = note(told, 'reserve', await shop.reserveAll(severalOf(options)));
      if (body.data !== undefined && Math.random() < 0.5) mine.push(body.data.id);
    }
    await sleep(Math.random() * 20);
  }
}

/** Counts every ticket again and again while the storm goes on. @returns all that was ever wrong */
async function watch({ client: database }: TwoInstances, untilMs: number): Promise<Set<string>> {
  const found = new Set<string>();
  while (Date.now() < untilMs) {
    for (const { sentence } of await audit(database)) found.add(sentence);
    await sleep(50);
  }
  return found;
}

/** After the storm everything that was held runs out, and somebody buys ticket after ticket of each option. */
async function sellOut({ shops }: TwoInstances, options: readonly string[], told: Told): Promise<void> {
  const buy = async (option: string, quantity: number): Promise<string> =>
    codeOf(note(told, 'buy', await pick(shops).buy(option, quantity)));
  await sleep(1_100);
  for (const [n, option] of options.entries()) {
    while ((await buy(option, 1 + n)) === '201') continue;
    while ((await buy(option, 1)) === '201') continue;
  }
}

function storm(broken?: Broken) {
  return withTwoInstances(
    async (both) => {
      const [one] = both.shops;
      const event = await one.announce();
      const options: string[] = [];
      for (const allocation of ALLOCATIONS) options.push(await one.offer({ allocation }, event));
      const [first = '', ...rest] = options;
      const untilMs = Date.now() + STORM_MS;
      const told: Told = new Map();
      const clients = Array.from({ length: CLIENTS }, () =>
        client(both.shops, [first, ...rest], untilMs, told),
      );
      const [differences] = await Promise.all([watch(both, untilMs), ...clients]);
      if (broken === undefined) await sellOut(both, options, told);
      for (const { sentence } of await audit(both.client)) differences.add(sentence);
      const { rows } = await both.client.query<Row>(
        'SELECT allocation, remaining, reserved, sold FROM ticket_options ORDER BY number',
      );
      return { told, rows, differences: [...differences] };
    },
    { broken, env: { HOLD_SECONDS: '1' } },
  );
}

describe('48 clients on two instances who reserve the last tickets of several kinds, cancel them, or let them run out', () => {
  test('get all that they ask for or nothing, and in the end every ticket is sold once', async () => {
    const { told, rows, differences } = await notHeldUp(storm, (result) =>
      [...oddOf(result).values()].flat(),
    );
    expect(differences).toEqual([]);
    expect(rows).toEqual(
      ALLOCATIONS.map((allocation) => ({ allocation, remaining: 0, reserved: 0, sold: allocation })),
    );
    expect([...oddOf({ told }).keys()]).toEqual([]);
  }, 60_000);

  test('negative control: with the guard taken out, the books are wrong', async () => {
    const { differences } = await storm(brokenBy('stock-before-lock'));
    expect(differences).not.toEqual([]);
  });
});
