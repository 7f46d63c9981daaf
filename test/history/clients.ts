import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, codeOf, newUser, type Shop } from '../support/shop';
import type { TwoInstances } from '../support/two-instances';
import type { Item } from './effects';
import type { Option } from './model';
import { type Done, type Operation, paymentOf } from './operations';
import { aWallet } from './wallet';

/** What there is to ask for: an event and its options, as they are in the beginning. */
export interface Offer {
  readonly event: string;
  /** Whether there are far more tickets than anybody wants. */
  readonly isRoomy: boolean;
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
const ROOM_FOR_MANY = 200;
const KNOWN = 150;
const CLIENTS = 44;
const SNIPERS = 6;
/** After so many operations an event is cancelled, and another one is announced. */
const ERA = 400;
/** So many of them are paid when it is. */
const IN_A_HURRY = 10;

/** Nothing can be done any more. */
const IS_OVER: ReadonlySet<string> = new Set([
  ...[
    'reservation_expired',
    'reservation_cancelled',
    'reservation_paid',
    'event_cancelled',
    'purchase_refunded',
  ],
]);

/** What the clients have in common. */
class Company {
  readonly done: Done[] = [];
  known: readonly Known[] = [];
  purchases: readonly Pick<Known, 'id' | 'event'>[] = [];
  payments: readonly Pick<Known, 'id' | 'event'>[] = [];
  readonly users = Array.from({ length: USERS }, newUser);

  constructor(
    /** What is on offer now. */
    readonly offers: Offer[],
    readonly now: () => number,
    readonly room: number,
    /** How many payments of a hundred are slower than their lease. */
    readonly slow: number,
  ) {}

  remember<Of extends 'known' | 'purchases' | 'payments'>(of: Of, item: Company[Of][number]): void {
    Object.assign(this, { [of]: [...this[of].slice(1 - KNOWN), item] });
  }

  forget(gone: string): void {
    this.known = this.known.filter(({ id }) => id !== gone);
    this.purchases = this.purchases.filter(({ id }) => id !== gone);
  }
}

/** How much is to be done, and whose events. */
export interface Work {
  readonly operations?: number;
  /** Whether everything has come to pass that should; if not, they go on, up to three times as long. */
  readonly isEnough?: (done: readonly Done[]) => boolean;
  readonly ms?: number;
  /** How many tickets an organiser leaves for sale at most, about. */
  readonly room?: number;
  /** Whether all that anybody does is to reserve, so that everything there is runs out. */
  readonly onlyHolds?: boolean;
  /** How many payments of a hundred are slower than their lease, about. */
  readonly slow?: number;
  /** Makes a new event, one of so many kinds. */
  readonly announce: (kind: number) => Promise<Offer>;
}

/**
 * Lets clients, snipers and organisers work side by side on both instances until this much has been done, or the
 * time is up.
 *
 * @param offers those that there are in the beginning; others join them
 * @returns what they did
 */
export async function work(
  { shops, now }: TwoInstances,
  offers: Offer[],
  {
    operations = Infinity,
    isEnough = () => true,
    ms = Infinity,
    room = 12,
    slow = 5,
    onlyHolds = false,
    announce,
  }: Work,
): Promise<Done[]> {
  const company = new Company([...offers], now, room, slow);
  const endMs = now() + ms;
  const goesOn = (): boolean => {
    const { length } = company.done;
    return length < operations || (length < 3 * operations && !isEnough(company.done));
  };
  const holding = Array.from({ length: CLIENTS }, () => (client: Client) => client.hold());
  const everything: ((client: Client) => Promise<void>)[] = [
    ...Array.from({ length: CLIENTS }, () => (client: Client) => client.anything()),
    ...Array.from({ length: SNIPERS }, () => (client: Client) => client.atTheLastMoment()),
    ...offers.flatMap(({ options }, place) =>
      [...options.keys()].map((_, number) => (client: Client) => client.organise(place, number)),
    ),
    (client) =>
      client.callOff(ERA, async (kind) => {
        const offer = await announce(kind);
        offers.push(offer);
        return offer;
      }),
  ];
  const workers = (onlyHolds ? holding : everything).map(async (job, number) => {
    const [one, other] = shops;
    const client = number % 2 === 0 ? new Client(company, one, other) : new Client(company, other, one);
    while (goesOn() && now() < endMs) await job(client);
  });
  await Promise.all(workers);
  return company.done;
}

/** Does random things to one of the instances. */
class Client {
  constructor(
    private readonly company: Company,
    private readonly shop: Shop,
    private readonly otherShop: Shop,
  ) {}

  /** How many events it has called off. */
  private eras = 0;

  async anything(): Promise<void> {
    const offer = pick(this.company.offers);
    if (offer === undefined) return;
    const { event } = offer;
    const options = [...offer.options.keys()];
    const option = pick(options) ?? '';
    // What has a price cannot be bought like that, but some try.
    const free = options.filter((id) => offer.options.get(id)?.priceCents === 0 || Math.random() < 0.3);
    const dice = Math.random();
    const known = dice < 0.5 ? pick(this.company.known) : undefined;
    if (known !== undefined) await this.changeOrRead(known);
    else if (dice < 0.56) await this.giveBackOrRead();
    else if (dice < 0.6) await this.look(event, option);
    else if (dice < 0.62)
      await this.keep({ kind: 'count' }, event, this.shop.get(`/statistics/events/${event}`));
    else if (dice < 0.7) await this.take('buy', event, [item(pick(free) ?? option, 2)]);
    else if (dice < 0.81) await this.take('reserve', event, some(options));
    else await this.take('reserve', event, [item(option, 3)]);
    await sleep(Math.random() * 20);
  }

  /** Reserves, or looks what is left, and does nothing with what it has. */
  async hold(): Promise<void> {
    const offer = pick(this.company.offers);
    const option = pick([...(offer?.options.keys() ?? [])]);
    if (offer === undefined || option === undefined) return;
    if (Math.random() < 0.2) await this.look(offer.event, option);
    else await this.take('reserve', offer.event, [item(option, 3)]);
    await sleep(Math.random() * 20);
  }

  /** Waits until a reservation is about to run out, and then wants it, or something of what it holds. */
  async atTheLastMoment(): Promise<void> {
    const nowMs = this.company.now();
    const soon = this.company.known.filter(({ untilMs }) => untilMs > nowMs + 5 && untilMs < nowMs + 300);
    const known = pick(soon);
    await sleep(known === undefined ? 20 : known.untilMs - nowMs - 5 + Math.random() * 15);
    if (known === undefined) return;
    const dice = Math.random();
    if (dice < 0.3) await this.changeOrRead(known);
    else if (dice < 0.5) await this.pay(known);
    else if (dice < 0.6) await this.look(known.event, known.option);
    else await this.take(dice < 0.65 ? 'buy' : 'reserve', known.event, [item(known.option, 2)]);
  }

  /** Looks what is taken of an option, and makes room for some more, or for less; what has a price gets another one. */
  async organise(place: number, number: number): Promise<void> {
    const offer = this.company.offers[place];
    const [option, first] = [...(offer?.options ?? [])][number] ?? [];
    if (offer === undefined || option === undefined) return;
    const { event, isRoomy } = offer;
    const room = isRoomy ? ROOM_FOR_MANY : this.company.room;
    const firstCents = first?.priceCents ?? 0;
    const { body } = await this.look(event, option);
    const { reserved = 0, sold = 0 } = (body.data?.attributes ?? {}) as { reserved?: number; sold?: number };
    const allocation = sold + Math.floor(Math.random() * (reserved + room));
    const priceCents = firstCents === 0 ? 0 : firstCents + Math.floor(Math.random() * 3) * 50;
    const changing = this.shop.change(option, { allocation, price_cents: priceCents });
    await this.keep({ kind: 'resize', option, allocation, priceCents }, event, changing);
    await sleep(Math.random() * 200);
  }

  /** Cancels an event each time that enough was done, and offers another one in its place. */
  async callOff(era: number, announce: (kind: number) => Promise<Offer>): Promise<void> {
    const { done, offers } = this.company;
    if (done.length < era * (this.eras + 1)) return sleep(10);
    const place = this.eras % offers.length;
    this.eras += 1;
    const event = offers[place]?.event ?? '';
    const next = await announce(place);
    // Some pay at that very moment.
    const paying = this.company.known.filter((known) => known.event === event).slice(-IN_A_HURRY);
    const paid = paying.map((known) => this.pay(known));
    await sleep(Math.random() * 40);
    const cancelling = this.shop.changeEvent(event, { status: 'cancelled' });
    await this.keep({ kind: 'call off' }, event, cancelling);
    offers[place] = next;
    await Promise.all(paying.map((known) => this.readWithPayment(known)));
    await Promise.all(paid);
  }

  /** Pays a reservation, cancels it and looks what has become of its tickets, extends it, or reads it. */
  private async changeOrRead(known: Known): Promise<void> {
    const { id, event, option } = known;
    const dice = Math.random();
    if (dice < 0.35) {
      await this.pay(known);
    } else if (dice < 0.5) {
      await this.keep({ kind: 'cancel', id }, event, this.shop.cancel(id));
      await this.look(event, option);
    } else if (dice < 0.8) {
      const untilMs = known.untilMs + Math.floor(Math.random() * 2_400) - 100;
      const extending = this.shop.extend(id, new Date(untilMs));
      const { status } = await this.keep({ kind: 'extend', id, untilMs }, event, extending);
      if (status === 200) known.untilMs = untilMs;
    } else {
      await this.readWithPayment(known);
    }
  }

  /** Reads a reservation, and the payment that it has now, which may be under way. */
  private async readWithPayment({ id, event }: Pick<Known, 'id' | 'event'>): Promise<void> {
    const { body } = await this.keep({ kind: 'read', id }, event, this.shop.get(`/reservations/${id}`));
    const payment = body.data?.relationships?.['payment']?.data?.id;
    if (payment === undefined) return;
    const reading = this.shop.get(`/payments/${payment}`);
    await this.keep({ kind: 'read payment', id: payment }, event, reading);
  }

  /** Now and then twice at once, with different cards. */
  private async pay({ id, event }: Known): Promise<void> {
    const payOnce = async (shop: Shop): Promise<void> => {
      const by = aWallet(this.company.slow);
      const answer = await this.keep({ kind: 'pay', id, by }, event, shop.pay(id, by));
      const payment = paymentOf(answer);
      if (payment !== undefined) this.company.remember('payments', { id: payment, event });
      for (const purchase of answer.body.included ?? [])
        this.company.remember('purchases', { id: purchase.id, event });
    };
    const isTwice = Math.random() < 0.15;
    await Promise.all([payOnce(this.shop), ...(isTwice ? [payOnce(this.otherShop)] : [])]);
  }

  /** Gives a purchase back, now and then twice at once, or reads what was bought or paid. */
  private async giveBackOrRead(): Promise<void> {
    const dice = Math.random();
    const known = pick(dice < 0.2 ? this.company.payments : this.company.purchases);
    if (known === undefined) return;
    const { id, event } = known;
    if (dice < 0.2) {
      await this.keep({ kind: 'read payment', id }, event, this.shop.get(`/payments/${id}`));
    } else if (dice < 0.35) {
      await this.keep({ kind: 'read purchase', id }, event, this.shop.get(`/purchases/${id}`));
    } else {
      const shops = Math.random() < 0.2 ? [this.shop, this.otherShop] : [this.shop];
      await Promise.all(shops.map((shop) => this.keep({ kind: 'refund', id }, event, shop.refund(id))));
    }
  }

  private look(event: string, option: string): Promise<Answer> {
    return this.keep({ kind: 'look', option }, event, this.shop.get(`/ticket_options/${option}`));
  }

  private async take(kind: 'buy' | 'reserve', event: string, items: readonly Item[]): Promise<void> {
    const { users } = this.company;
    // Users who own what they may have make room for others.
    if (Math.random() < 0.02) users[Math.floor(Math.random() * USERS)] = newUser();
    const user = pick(users) ?? '';
    const [first = { option: '', quantity: 0 }, ...more] = items;
    const taking =
      more.length > 0
        ? this.shop.reserveAll(items, user)
        : this.shop[kind](first.option, first.quantity, user);
    const { body } = await this.keep({ kind, user, items }, event, taking);
    if (body.data === undefined) return;
    const { id, attributes } = body.data;
    const until = attributes['expires_at'];
    if (typeof until !== 'string') this.company.remember('purchases', { id, event });
    else this.company.remember('known', { id, event, option: first.option, untilMs: Date.parse(until) });
  }

  private async keep(operation: Operation, event: string, asked: Promise<Answer>): Promise<Answer> {
    const answer = await asked;
    this.company.done.push({ operation, event, answer });
    // Most do not come back to what is over, but some do.
    if (IS_OVER.has(codeOf(answer)) && 'id' in operation && Math.random() < 0.6)
      this.company.forget(operation.id);
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
