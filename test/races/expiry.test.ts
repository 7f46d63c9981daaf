import { setTimeout as sleep } from 'node:timers/promises';
import { audit } from '../../src/allocation/audit';
import { type Broken, brokenBy } from '../support/instance';
import { type Answer, codeOf, newUser, type Shop } from '../support/shop';
import { type TwoInstances, withTwoInstances } from '../support/two-instances';

const LIMIT = 4;
/** Reservations last for a second. */
const env = { HOLD_SECONDS: '1' };

function expiryOf({ body }: Answer): number {
  return Date.parse(String(body.data?.attributes['expires_at']));
}

/** Waits until the database's clock shows this instant. */
async function until(instantMs: number, now: () => number): Promise<void> {
  while (now() < instantMs) await sleep(Math.max(1, instantMs - now()));
}

describe('a user at the limit whose own reservation has just run out', () => {
  /** Each fills the limit of a user by reserving, and answers with how the same user then asks for as much again. */
  const WAYS: Record<
    string,
    (one: Shop, other: Shop, user: string) => Promise<[Answer, () => Promise<Answer>]>
  > = {
    reserves: async (one, other, user) => {
      const option = await one.offer({ allocation: 100, max_per_user: LIMIT });
      return [await one.reserve(option, LIMIT, user), () => other.reserve(option, LIMIT, user)];
    },
    buys: async (one, other, user) => {
      const option = await one.offer({ allocation: 100, max_per_user: LIMIT });
      return [await one.reserve(option, LIMIT, user), () => other.buy(option, LIMIT, user)];
    },
    'reserves another option of the event': async (one, other, user) => {
      const event = await one.announce({ max_tickets_per_user: LIMIT });
      const [held, wanted] = [
        await one.offer({ allocation: 9 }, event),
        await one.offer({ allocation: 9 }, event),
      ];
      return [await one.reserve(held, LIMIT, user), () => other.reserve(wanted, LIMIT, user)];
    },
    'buys another option of the event': async (one, other, user) => {
      const event = await one.announce({ max_tickets_per_user: LIMIT });
      const [held, wanted] = [
        await one.offer({ allocation: 9 }, event),
        await one.offer({ allocation: 9 }, event),
      ];
      return [await one.reserve(held, LIMIT, user), () => other.buy(wanted, LIMIT, user)];
    },
  };

  /** @returns for each way what the user is told just after the reservation has run out */
  function tryAll(broken?: Broken): Promise<Record<string, string>> {
    return withTwoInstances(
      async ({ shops: [one, other], client, now }) => {
        const told = Object.entries(WAYS).map(async ([name, prepare]) => {
          const [held, again] = await prepare(one, other, newUser());
          await until(expiryOf(held), now);
          return [name, codeOf(await again())];
        });
        const answers = Object.fromEntries(await Promise.all(told)) as Record<string, string>;
        expect(await audit(client)).toEqual([]);
        return answers;
      },
      { broken, env },
    );
  }

  const everyone = (code: string) => Object.fromEntries(Object.keys(WAYS).map((name) => [name, code]));

  test('has as much again at once, without any sweep', async () => {
    expect(await tryAll()).toEqual(everyone('201'));
  });

  test('negative control: is refused where only a sweep gives back what is over', async () => {
    expect(await tryAll(brokenBy('forgets-expiry'))).toEqual(everyone('user_limit_exceeded'));
  });
});

describe('the last ticket, held until an instant', () => {
  const OPTIONS = 12;
  const OFFSETS_MS = [-500, -200, -50, -30, -15, -6, -3, 0, 3, 6, 15, 30, 50];

  /** What went on around one ticket. */
  interface Scramble {
    readonly instantMs: number;
    readonly answers: readonly Answer[];
  }

  /** Twelve tickets, each held until an instant of its own; buyers ask for each shortly before and after, on both instances. */
  async function scramble({ shops, now }: TwoInstances, way: 'buy' | 'reserve'): Promise<Scramble[]> {
    const ticket = async (number: number): Promise<Scramble> => {
      // Options with a limit per user are sold to in another way than those without.
      const option = await shops[0].offer({ allocation: 1, max_per_user: number % 2 === 0 ? null : LIMIT });
      const instantMs = expiryOf(await shops[0].reserve(option, 1));
      const asks = OFFSETS_MS.map(async (offsetMs, n) => {
        await until(instantMs + offsetMs, now);
        return shops[(n + number) % 2 === 0 ? 0 : 1][way](option, 1);
      });
      return { instantMs, answers: await Promise.all(asks) };
    };
    return Promise.all(Array.from({ length: OPTIONS }, (_, number) => ticket(number)));
  }

  /** What is wrong with one ticket; nothing, when it went to the first who asked for it in time. */
  function wrongs({ instantMs, answers }: Scramble): string[] {
    const after = (ms: number): string => `${ms - instantMs} ms after the instant`;
    const taken = answers.filter(({ status }) => status === 201);
    const [first] = taken;
    if (first === undefined) return ['nobody got the ticket'];
    const createdMs = Date.parse(String(first.body.data?.attributes['created_at']));
    const refused = answers.filter(({ status }) => status !== 201);
    // Nobody had the ticket then: it was not held any more, and who got it had not even asked.
    const free = refused.filter(({ sentMs, answeredMs }) => sentMs >= instantMs && answeredMs < first.sentMs);
    return [
      ...(taken.length === 1 ? [] : [`${taken.length} buyers got the ticket`]),
      ...(first.answeredMs < instantMs ? [`somebody had it ${after(first.answeredMs)}`] : []),
      ...(createdMs < instantMs ? [`it was given away ${after(createdMs)}`] : []),
      ...free.map(({ sentMs }) => `somebody who asked ${after(sentMs)} was refused`),
      ...refused
        .map(codeOf)
        .filter((code) => !/^(insufficient_tickets|invalid_purchase_quantity)$/.test(code)),
    ];
  }

  /** @returns what is wrong; for tickets that somebody was certainly refused for in time, or else the machine was too busy */
  function race(way: 'buy' | 'reserve', broken?: Broken): Promise<string[]> {
    return withTwoInstances(
      async (both) => {
        for (let round = 1; ; round += 1) {
          const scrambles = await scramble(both, way);
          const found = scrambles.flatMap(wrongs);
          const isProven = scrambles.some(({ instantMs, answers }) =>
            answers.some(({ status, answeredMs }) => status !== 201 && answeredMs < instantMs),
          );
          if (isProven || found.length > 0 || round === 5) {
            const differences = await audit(both.client);
            const late = isProven ? [] : ['nobody was answered in time'];
            return [
              ...found,
              ...(found.length > 0 ? [] : late),
              ...differences.map(({ sentence }) => sentence),
            ];
          }
        }
      },
      { broken, env },
    );
  }

  test.each(['buy', 'reserve'] as const)(
    'is for the first who asks from then on, and for nobody before (%s)',
    async (way) => {
      expect(await race(way)).toEqual([]);
    },
  );

  test('negative control: where only a sweep gives back, nobody gets it', async () => {
    expect(await race('reserve', brokenBy('forgets-expiry'))).toContain('nobody got the ticket');
  });

  test('negative control: by a clock that is ahead, somebody has it too early', async () => {
    expect(await race('buy', brokenBy('releases-too-early'))).toContainEqual(
      expect.stringMatching(/^(somebody had it|it was given away) -\d+ ms after the instant$/),
    );
  });
});

describe('a reservation that is over', () => {
  /** Extends and then cancels it on the other instance as soon as it is over, and lets somebody buy it. */
  function tryLate(broken?: Broken) {
    return withTwoInstances(
      async ({ shops: [one, other], client, now }) => {
        const option = await one.offer({ allocation: 1 });
        const held = await one.reserve(option, 1);
        const id = held.body.data?.id ?? '';
        await until(expiryOf(held), now);
        const extended = await other.extend(id, new Date(expiryOf(held) + 60_000));
        const bought = await one.buy(option, 1);
        const cancelled = await other.cancel(id);
        return { codes: [extended, bought, cancelled].map(codeOf), differences: await audit(client) };
      },
      { broken, env },
    );
  }

  test('cannot be extended, and cancelling it takes nothing from who has bought it since', async () => {
    expect(await tryLate()).toEqual({ codes: ['reservation_expired', '201', '204'], differences: [] });
  });

  test('negative control: by a clock that is behind, it is extended', async () => {
    const { codes } = await tryLate(brokenBy('changes-too-late'));
    expect(codes.slice(0, 2)).toEqual(['200', 'invalid_purchase_quantity']);
  });
});
