import { setTimeout as sleep } from 'node:timers/promises';
import type { Item } from '../../test/history/effects';
import type { Random } from '../random';
import { type Company, type Known, KINDS, type Offer } from './company';
import type { Wish } from './told';

/** How many there are and what they do. */
export interface Crowd {
  readonly clients: number;
  readonly users: number;
  /** Whether all that they do is to take tickets, and to look what is left. */
  readonly onlyTakes: boolean;
}

export const EVERYBODY: Crowd = { clients: 40, users: 60, onlyTakes: false };
/** Those who come when a reservation runs out, a little too early or too late; and how much, in milliseconds. */
const SNIPERS = 6;
const EARLY_MS = 50;
const LATE_MS = 300;
/** How long an event lasts until it is called off, and another one takes its place, in milliseconds. */
const ERA_MS = 4_000;
/** How many tickets an organiser leaves for sale at most, about. */
const ROOM = 12;

/** What is said of cards; half of them are good. */
const CARDS = ['tok_visa', 'tok_visa', 'tok_visa', 'card_error', 'payment_error'];

/** Lets clients and organisers work side by side on both instances until they are told to stop. @returns when all have their answers */
export async function work(
  company: Company,
  random: Random,
  goesOn: () => boolean,
  { clients, users: count, onlyTakes }: Crowd = EVERYBODY,
): Promise<void> {
  const some = (client: Client): Promise<void> => (onlyTakes ? client.takeOrLook() : client.anything());
  const snipers = onlyTakes ? 0 : SNIPERS;
  const jobs = [
    ...Array.from({ length: clients }, () => some),
    ...Array.from({ length: snipers }, () => (client: Client) => client.atTheLastMoment()),
    ...Array.from({ length: KINDS }, (_, kind) => (client: Client) => client.organise(kind)),
    (client: Client) => client.callOff(),
  ];
  const users = Array.from({ length: count }, () => userOf(random));
  await Promise.all(
    jobs.map(async (job, number) => {
      const client = new Client(company, random.fork(), users, number % 2, goesOn);
      while (goesOn()) await job(client);
    }),
  );
}

/** Does random things. */
class Client {
  private eras = 0;

  constructor(
    private readonly company: Company,
    private readonly random: Random,
    private readonly users: string[],
    /** The instance that is asked first. */
    private readonly at: number,
    private readonly goesOn: () => boolean,
  ) {}

  async anything(): Promise<void> {
    const { random } = this;
    const offer = random.pick(this.company.offers);
    if (offer === undefined) return;
    const dice = random.below(100);
    const known = dice < 45 ? random.pick(this.company.known) : undefined;
    if (known !== undefined) await this.change(known);
    else if (dice < 52) await this.giveBack();
    else if (dice < 66) await this.look(offer);
    else if (dice < 80) await this.take('buy', offer);
    else await this.take('reserve', offer);
    await sleep(random.below(30));
  }

  /** Waits until a reservation is about to run out, and then wants to pay it, to keep it or to have what it holds. */
  async atTheLastMoment(): Promise<void> {
    const nowMs = Date.now();
    const soon = this.company.waiting.filter(
      ({ untilMs }) => untilMs > nowMs + EARLY_MS && untilMs < nowMs + 500,
    );
    const known = this.random.pick(soon);
    await sleep(known === undefined ? 20 : known.untilMs - nowMs - EARLY_MS + this.random.below(LATE_MS));
    if (known === undefined) return;
    const { id, event, untilMs } = known;
    const offer = this.company.offers.find((each) => each.event === event);
    const dice = this.random.below(10);
    if (dice < 4) await this.ask(this.payment(id), known, false);
    else if (dice < 7) await this.ask({ kind: 'extend', id, untilMs: untilMs + 1_500 }, known, false);
    else if (offer !== undefined) await this.take('reserve', offer);
  }

  /** Looks what is left, buys or reserves. */
  async takeOrLook(): Promise<void> {
    const offer = this.random.pick(this.company.offers);
    const dice = this.random.below(10);
    if (offer === undefined) return;
    if (dice < 4) await this.look(offer);
    else await this.take(dice < 7 ? 'buy' : 'reserve', offer);
    await sleep(this.random.below(15));
  }

  /** Looks what is taken of each option, and makes room for some more, or for less. */
  async organise(kind: number): Promise<void> {
    const offer = this.company.offers[kind];
    const option = this.random.pick([...(offer?.options.keys() ?? [])]);
    if (offer === undefined || option === undefined) return;
    const of = { event: offer.event, options: [option] };
    const { body } = await this.ask({ kind: 'look', option }, of, false);
    const { reserved = 0, sold = 0 } = (body.data?.attributes ?? {}) as { reserved?: number; sold?: number };
    const allocation = sold + this.random.below(reserved + ROOM);
    await this.ask({ kind: 'resize', option, allocation }, of, true);
    await sleep(this.random.below(150));
  }

  /** Calls an event off, one after the other, and offers another one in its place. */
  async callOff(): Promise<void> {
    const endMs = performance.now() + ERA_MS;
    while (performance.now() < endMs && this.goesOn()) await sleep(50);
    if (!this.goesOn()) return;
    const kind = this.eras % KINDS;
    this.eras += 1;
    const offer = this.company.offers[kind];
    if (offer === undefined) return;
    await this.ask({ kind: 'call off' }, { event: offer.event, options: [...offer.options.keys()] }, true);
    await this.company.announce(kind);
  }

  /** Pays a reservation, cancels it, extends it or reads it; now and then twice at once. */
  private async change(known: Known): Promise<void> {
    const { id } = known;
    const dice = this.random.below(100);
    if (dice < 45) {
      const isTwice = this.random.below(10) === 0;
      const pay = (at: number) => this.ask(this.payment(id), known, this.random.below(2) === 0, at);
      await Promise.all([pay(this.at), ...(isTwice ? [pay(1 - this.at)] : [])]);
    } else if (dice < 62) {
      await this.ask({ kind: 'cancel', id }, known, false);
    } else if (dice < 85) {
      const untilMs = known.untilMs + this.random.below(2_500) - 100;
      const { status } = await this.ask({ kind: 'extend', id, untilMs }, known, this.random.below(2) === 0);
      if (status === 200) known.untilMs = Math.max(known.untilMs, untilMs);
    } else {
      await this.ask({ kind: 'read', id }, known, false);
    }
  }

  private payment(id: string): Wish {
    return { kind: 'pay', id, token: this.random.pick(CARDS) ?? '' };
  }

  private async giveBack(): Promise<void> {
    const bought = this.random.pick(this.company.bought);
    if (bought === undefined) return;
    const { id } = bought;
    const isTwice = this.random.below(5) === 0;
    const giveBack = (at: number) => this.ask({ kind: 'refund', id }, bought, false, at);
    await Promise.all([giveBack(this.at), ...(isTwice ? [giveBack(1 - this.at)] : [])]);
  }

  private async look({ event, options }: Offer): Promise<void> {
    const option = this.random.pick([...options.keys()]) ?? '';
    await this.ask({ kind: 'look', option }, { event, options: [option] }, false);
  }

  private async take(kind: 'buy' | 'reserve', offer: Offer): Promise<void> {
    const { random, users } = this;
    // Users who own what they may have make room for others.
    if (random.below(20) === 0) users[random.below(users.length)] = userOf(random);
    const free = [...offer.options].filter(([, { priceCents }]) => kind === 'reserve' || priceCents === 0);
    const shuffled = random.shuffle(free.map(([option]) => option));
    const options = shuffled.slice(0, kind === 'buy' || random.below(3) > 0 ? 1 : 2);
    if (options.length === 0) return;
    const items = options.map((option): Item => ({ option, quantity: 1 + random.below(3) }));
    const user = random.pick(users) ?? '';
    const isKeyed = random.below(2) === 0;
    await this.ask({ kind, user, items }, { event: offer.event, options }, isKeyed);
  }

  private ask(wish: Wish, of: Pick<Known, 'event' | 'options'>, isKeyed: boolean, at = this.at) {
    return this.company.ask(wish, of, at, isKeyed);
  }
}

function userOf(random: Random): string {
  const hex = (length: number): string =>
    Array.from({ length }, () => random.below(16).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}
