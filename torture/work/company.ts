import { setTimeout as sleep } from 'node:timers/promises';
import type { Option } from '../../test/history/model';
import { Line, post, type Request, requestOf, toOne } from './asking';
import { type Answer, codeOf, isTake, outcomeOf, type Told, type Wish } from './told';

/** An event and its options, as they were in the beginning. */
export interface Offer {
  readonly event: string;
  readonly options: ReadonlyMap<string, Option>;
}

/** A reservation that somebody knows of; others may have changed it since. */
export interface Known {
  readonly id: string;
  readonly event: string;
  readonly options: readonly string[];
  untilMs: number;
}

/** A purchase that somebody knows of. */
type Bought = Pick<Known, 'id' | 'event' | 'options'>;

const REMEMBERED = 150;
/** Whoever has a key asks again for so long; a fault is over long before. */
const INSIST_MS = 30_000;
const PAUSE_MS = 40;

/** What there is to sell, kind by kind. */
const PROGRAMME: readonly {
  limit: number | null;
  options: readonly [limit: number | null, cents: number][];
}[] = [
  { limit: null, options: [[null, 0]] },
  {
    limit: 6,
    options: [
      [4, 0],
      [null, 700],
      [3, 300],
    ],
  },
  {
    limit: null,
    options: [
      [null, 1_250],
      [4, 0],
    ],
  },
  {
    limit: null,
    options: [
      [null, 900],
      [null, 0],
    ],
  },
];
const ALLOCATION = 12;
export const KINDS = PROGRAMME.length;

/** What all clients have in common: two instances, what they know, and what they were told. */
export class Company {
  readonly told: Told[] = [];
  /** What is on offer now, by kind; and everything that ever was. */
  readonly offers: Offer[] = [];
  readonly all: Offer[] = [];
  known: readonly Known[] = [];
  /** Reservations that are left alone until they are about to run out. */
  waiting: readonly Known[] = [];
  bought: readonly Bought[] = [];
  private readonly lines: readonly Line[];
  private keys = 0;
  private count = 0;

  /** @param name of the round, which the keys begin with */
  constructor(
    urls: readonly string[],
    private readonly name: string,
  ) {
    this.lines = urls.map((url) => new Line(url));
  }

  /**
   * Asks for something. With a key it is asked for again, here and there, until there is an answer; without one it is asked for
   * once.
   */
  async ask(wish: Wish, { event, options }: Pick<Known, 'event' | 'options'>, at: number, isKeyed: boolean) {
    const key = isKeyed ? this.newKey() : undefined;
    const sentMs = Date.now();
    const { answer, tries, instance } = await this.insist(requestOf(wish, event), at, key);
    // An earlier try may have done what the last one could not.
    const last = outcomeOf(answer);
    const outcome = last === 'unchanged' && tries > 1 ? 'unknown' : last;
    const about = { wish, event, options, key, tries, instance };
    this.told.push({ ...about, sentMs, answeredMs: Date.now(), outcome, answer });
    this.learn(wish, { event, options }, answer);
    return answer;
  }

  /** Creates an event of a kind. */
  async announce(kind: number): Promise<Offer> {
    const { limit, options } = PROGRAMME[kind] ?? { limit: null, options: [] };
    const attributes = { name: 'Torture', starts_at: '2031-05-01T19:30:00Z', max_tickets_per_user: limit };
    const event = await this.create(post('events', attributes));
    const offer = { event, options: new Map<string, Option>() };
    for (const [maxPerUser, priceCents] of options) {
      const terms = {
        name: 'Torture',
        allocation: ALLOCATION,
        max_per_user: maxPerUser,
        price_cents: priceCents,
      };
      const id = await this.create(post('ticket_options', terms, { event: toOne('events', event) }));
      const { allocation } = terms;
      offer.options.set(id, { event, maxPerUser, eventMaxPerUser: limit, allocation, sold: 0, priceCents });
    }
    this.offers[kind] = offer;
    this.all.push(offer);
    return offer;
  }

  close(): void {
    for (const line of this.lines) line.close();
  }

  private async create(request: Request): Promise<string> {
    const { answer } = await this.insist(request, 0, this.newKey());
    if (answer.body.data === undefined) throw new Error(`not created: ${JSON.stringify(answer)}`);
    return answer.body.data.id;
  }

  private async insist(request: Request, at: number, key: string | undefined) {
    const endMs = performance.now() + INSIST_MS;
    for (let tries = 1; ; tries += 1) {
      const instance = (at + tries - 1) % this.lines.length;
      const answer = (await this.lines[instance]?.ask(request, key)) ?? { status: 0, body: {} };
      const isSettled = outcomeOf(answer) === 'done' || outcomeOf(answer) === 'refused';
      if (isSettled || key === undefined || performance.now() > endMs) return { answer, tries, instance };
      await sleep(PAUSE_MS); // as Retry-After asks, only sooner
    }
  }

  private learn(wish: Wish, { event, options }: Pick<Known, 'event' | 'options'>, answer: Answer): void {
    const { data, included = [] } = answer.body;
    if (isTake(wish) && data !== undefined) {
      const until = data.attributes['expires_at'];
      const known = { id: data.id, event, options };
      if (typeof until !== 'string') this.bought = [...this.bought.slice(1 - REMEMBERED), known];
      else this.reserved({ ...known, untilMs: Date.parse(until) });
    }
    if (wish.kind === 'pay')
      for (const { id } of included)
        this.bought = [...this.bought.slice(1 - REMEMBERED), { id, event, options }];
    if ('id' in wish && IS_OVER.has(codeOf(answer))) {
      this.known = this.known.filter(({ id }) => id !== wish.id);
      this.waiting = this.waiting.filter(({ id }) => id !== wish.id);
      this.bought = this.bought.filter(({ id }) => id !== wish.id);
    }
  }

  private reserved(known: Known): void {
    this.count += 1;
    const of = this.count % 3 === 0 ? 'waiting' : 'known';
    this[of] = [...this[of].slice(1 - REMEMBERED), known];
  }

  private newKey(): string {
    this.keys += 1;
    return `${this.name}-${this.keys}`;
  }
}

/** Nothing can be done any more. */
const IS_OVER: ReadonlySet<string> = new Set([
  ...['reservation_expired', 'reservation_cancelled', 'reservation_paid', 'event_cancelled'],
  ...['purchase_refunded', '204'],
]);
