import { audit } from '../../src/allocation/audit';
import { type Broken, brokenBy } from '../support/instance';
import { codeOf, type Shop } from '../support/shop';
import { type TwoInstances, withTwoInstances } from '../support/two-instances';
import { type Offer, work } from './clients';
import { explain, type Rules } from './explain';
import { keepJournal, readJournal } from './journal';
import type { Done } from './operations';
import { differencesFrom } from './tables';

const RULES: Rules = { holdMs: 1_000, holdMaxMs: 3_000 };
/** Between two sweeps, whoever needs what is over has to take it back. */
const env = { HOLD_SECONDS: '1', HOLD_MAX_SECONDS: '3', SWEEP_INTERVAL_SECONDS: '1' };

/** Creates an event with options of 10 tickets each, with these limits for a user. */
async function offer(shop: Shop, limit: number | null, limits: readonly (number | null)[]): Promise<Offer> {
  const event = await shop.announce({ max_tickets_per_user: limit });
  const options: Offer['options'] = new Map();
  for (const maxPerUser of limits) {
    const id = await shop.offer({ allocation: 10, max_per_user: maxPerUser }, event);
    options.set(id, { event, maxPerUser, eventMaxPerUser: limit, allocation: 10, sold: 0 });
  }
  return { event, options };
}

/** Lets clients work on two instances. @returns what they were told, and what of it cannot be explained */
function live(howMuch: Parameters<typeof work>[2], broken?: Broken) {
  return withTwoInstances(
    async (both) => {
      const [shop] = both.shops;
      const offers = [await offer(shop, 6, [4, null, 3]), await offer(shop, null, [null, 4])] as const;
      await keepJournal(both.client);
      const done = await work(both, offers, howMuch);
      return { told: toldIn(done), wrongs: await wrongsIn(done, offers, both) };
    },
    { broken, env },
  );
}

async function wrongsIn(
  all: readonly Done[],
  offers: readonly Offer[],
  { client }: TwoInstances,
): Promise<string[]> {
  const journal = await readJournal(client);
  const wrongs = (await audit(client)).map(({ sentence }) => sentence);
  for (const { event, options } of offers) {
    const done = all.filter((each) => each.event === event);
    const explained = explain({ done, transactions: journal.get(event) ?? [], options }, RULES);
    wrongs.push(...explained.wrongs, ...(await differencesFrom(explained.model, client, event)));
  }
  return wrongs;
}

function toldIn(all: readonly Done[]): Set<string> {
  return new Set(all.map(({ operation, answer }) => `${operation.kind}: ${codeOf(answer)}`));
}

describe('thousands of operations of many clients on two instances', () => {
  test('happened one after the other, and every answer was true when it was given', async () => {
    const { told, wrongs } = await live({ operations: 5_000 });
    expect(wrongs).toEqual([]);
    // It was no quiet day: all of this was said at least once.
    expect([...told]).toEqual(
      expect.arrayContaining([
        'buy: 201',
        'buy: invalid_purchase_quantity',
        'buy: user_limit_exceeded',
        'reserve: 201',
        'reserve: insufficient_tickets',
        'reserve: user_limit_exceeded',
        'extend: 200',
        'extend: extension_limit_reached',
        'extend: reservation_cancelled',
        'extend: reservation_expired',
        'cancel: 204',
        'resize: 200',
        'resize: allocation_below_committed',
        'look: 200',
        'read: 200',
      ]),
    );
  }, 60_000);

  test.each([
    ['what users have is counted before the lock', 'rest-before-lock', 200, /over the limit of/],
    ['nobody but the sweep gives back what is over', 'forgets-expiry', 12, /which was true at no instant/],
    ['a clock that is behind decides on extensions', 'changes-too-late', 200, /although it was over/],
    ['a clock that is ahead gives back what is held', 'releases-too-early', 12, /-\d+ remaining/],
  ])(
    'negative control: is not explained where %s',
    async (_why, name, room, wrong) => {
      const all: string[] = [];
      for (let round = 1; round <= 3 && !all.some((each) => wrong.test(each)); round += 1) {
        all.push(...(await live({ ms: 2_000, room }, brokenBy(name))).wrongs);
      }
      expect(all).toContainEqual(expect.stringMatching(wrong));
    },
    60_000,
  );
});
