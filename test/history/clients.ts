import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, newUser, type Shop } from '../support/shop';
import type { TwoInstances } from '../support/two-instances';
import type { Item, Option } from './model';
import type { Done, Operation } from './operations';

/** What there is to ask for: an event and its options, as they are in the beginning. */
export interface Offer {
  readonly event: string;
  readonly options: Map<string, Option>;
}

/** A reservation that somebody knows of; others may have changed it since. */
interface Known {
  readonly id: string;
  readonly event: string;
  readonly option: string;
  untilMs: number;
}

const USERS = 10;
const KNOWN = 150;
const CLIENTS = 36;
const SNIPERS = 6;

/** What the clients have in common. */
class Company {
  readonly done: Done[] = [];
  readonly known: Known[] = [];
  readonly users = Array.from({ length: USERS }, newUser);

  constructor(
    readonly offers: readonly Offer[],
    readonly now: () => number,
    readonly room: number,
  ) {}
}

/**
 * Lets clients, snipers and organisers work side by side on both instances until this much has been done, or the
 * time is up.
 *
 * @param room how many tickets an organiser leaves for sale at most, about
 * @returns what they did
 */
export async function work(
  { shops, now }: TwoInstances,
  offers: readonly Offer[],
  { operations = Infinity, ms = Infinity, room = 12 },
): Promise<Done[]> {
  const company = new Company(offers, now, room);
  const endMs = now() + ms;
  const jobs: ((client: Client) => Promise<void>)[] = [
    ...Array.from({ length: CLIENTS }, () => (client: Client) => client.anything()),
    ...Array.from({ length: SNIPERS }, () => (client: Client) => client.atTheLastMoment()),
    ...offers.flatMap(({ event, options }) =>
      [...options.keys()].map((option) => (client: Client) => client.organise(event, option)),
    ),
  ];
  const workers = jobs.map(async (job, number) => {
    const client = new Client(company, shops[number % 2 === 0 ? 0 : 1]);
    while (company.done.length < operations && now() < endMs) await job(client);
  });
  await Promise.all(workers);
  return company.done;
}

/** Does random things to one of the instances. */
class Client {
  constructor(
    private readonly company: Company,
    private readonly shop: Shop,
  ) {}

  async anything(): Promise<void> {
    const offer = pick(this.company.offers);
    if (offer === undefined) return;
    const { event } = offer;
    const options = [...offer.options.keys()];
    const option = pick(options) ?? '';
    const dice = Math.random();
    const known = dice < 0.35 ? pick(this.company.known) : undefined;
    if (known !== undefined) await this.changeOrRead(known);
    else if (dice < 0.4) await this.look(event, option);
    else if (dice < 0.45) await this.take('buy', event, [item(option, 2)]);
    else if (dice < 0.65) await this.take('reserve', event, some(options));
    else await this.take('reserve', event, [item(option, 3)]);
    await sleep(Math.random() * 20);
  }

  /** Waits until a reservation is about to run out, and then wants it, or something of what it holds. */
  async atTheLastMoment(): Promise<void> {
    const nowMs = this.company.now();
    const soon = this.company.known.filter(({ untilMs }) => untilMs > nowMs + 5 && untilMs < nowMs + 300);
    const known = pick(soon);
    await sleep(known === undefined ? 20 : known.untilMs - nowMs - 5 + Math.random() * 8);
    if (known === undefined) return;
    const dice = Math.random();
    if (dice < 0.5) await this.changeOrRead(known);
    else if (dice < 0.6) await this.look(known.event, known.option);
    else await this.take(dice < 0.65 ? 'buy' : 'reserve', known.event, [item(known.option, 2)]);
  }

  /** Looks what is taken, and makes room for some more, or for less. */
  async organise(event: string, option: string): Promise<void> {
    const { body } = await this.look(event, option);
    const { reserved = 0, sold = 0 } = (body.data?.attributes ?? {}) as { reserved?: number; sold?: number };
    const allocation = sold + Math.floor(Math.random() * (reserved + this.company.room));
    const changing = this.shop.change(option, { allocation });
    await this.keep({ kind: 'resize', option, allocation }, event, changing);
    await sleep(Math.random() * 200);
  }

  /** Cancels a reservation and looks what has become of its tickets, or extends it, or reads it. */
  private async changeOrRead(known: Known): Promise<void> {
    const { id, event, option } = known;
    const dice = Math.random();
    if (dice < 0.35) {
      await this.keep({ kind: 'cancel', id }, event, this.shop.cancel(id));
      await this.look(event, option);
    } else if (dice < 0.75) {
      const untilMs = known.untilMs + Math.floor(Math.random() * 1_500) - 100;
      const extending = this.shop.extend(id, new Date(untilMs));
      const { status } = await this.keep({ kind: 'extend', id, untilMs }, event, extending);
      if (status === 200) known.untilMs = untilMs;
    } else {
      await this.keep({ kind: 'read', id }, event, this.shop.get(`/reservations/${id}`));
    }
  }

  private look(event: string, option: string): Promise<Answer> {
    return this.keep({ kind: 'look', option }, event, this.shop.get(`/ticket_options/${option}`));
  }

  private async take(kind: 'buy' | 'reserve', event: string, items: readonly Item[]): Promise<void> {
    const { users, known } = this.company;
    // Users who own what they may have make room for others.
    if (Math.random() < 0.02) users[Math.floor(Math.random() * USERS)] = newUser();
    const user = pick(users) ?? '';
    const [first = { option: '', quantity: 0 }, ...more] = items;
    const taking =
      more.length > 0
        ? this.shop.reserveAll(items, user)
        : this.shop[kind](first.option, first.quantity, user);
    const { body } = await this.keep({ kind, user, items }, event, taking);
    const until = body.data?.attributes['expires_at'];
    if (body.data === undefined || typeof until !== 'string') return;
    known.push({ id: body.data.id, event, option: first.option, untilMs: Date.parse(until) });
    if (known.length > KNOWN) known.shift();
  }

  private async keep(operation: Operation, event: string, asked: Promise<Answer>): Promise<Answer> {
    const answer = await asked;
    this.company.done.push({ operation, event, answer });
    return answer;
  }
}

function pick<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}

/** @returns 1 or 2 tickets of some of the options, in any order. */
function some(options: readonly string[]): Item[] {
  const all = options.map((option) => ({ option, at: Math.random() }));
  const shuffled = all.sort((one, other) => one.at - other.at);
  return shuffled
    .slice(0, 1 + Math.ceil(Math.random() * (all.length - 1)))
    .map(({ option }) => item(option, 2));
}

function item(option: string, most: number): Item {
  return { option, quantity: 1 + Math.floor(Math.random() * most) };
}
