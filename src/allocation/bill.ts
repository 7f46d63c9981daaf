import type { Parameter } from '../database/sql';
import { arrayOf } from '../database/sql';
import type { Item, ReservationState, TakeOrder } from './orders';
import type { Stock } from './situation';

/** What the orders of a bill consist of, and whether the users of its options may be counted. */
export interface Shape {
  readonly buys: boolean;
  readonly reserves: boolean;
  readonly counts: boolean;
  /** Whether some of them came with a key. */
  readonly keys: boolean;
}

/** @returns the name of a statement that leaves out what a bill of this shape does not need. */
export function named(name: string, { buys, reserves, counts, keys }: Shape): string {
  const parts = [buys && 'buys', reserves && 'reserves', counts && 'counts', keys && 'keys'];
  return [name, ...parts.filter((part) => part !== false)].join('_');
}

/** What is wanted of one option. */
export interface Wanted {
  /** Its place in the list of options, from 1 on. */
  readonly place: number;
  readonly eventId: string;
  readonly priceCents: number;
  held: number;
  sold: number;
  largest: number;
  reservations: number;
}

/**
 * What a number of orders want altogether, as lists for a statement. Orders name options and reservations by their
 * place in the lists before them, which is fewer bytes; a key names what was made with it by its place, that of a reservation negative.
 */
export class Bill {
  readonly options = new Map<string, Wanted>();
  private readonly purchases = { ids: '', users: '', options: '', quantities: '', count: 0 };
  private readonly reservations = { ids: '', users: '', options: '', quantities: '', prices: '', count: 0 };
  private readonly keys = { ids: '', prints: '', places: '', options: '' };
  private readonly holds = { reservations: '', options: '', quantities: '', kinds: '' };

  /** @param seen what the process last saw of the options */
  constructor(
    orders: readonly TakeOrder[],
    private readonly seen: ReadonlyMap<string, Stock>,
  ) {
    for (const order of orders) {
      if (order.kind === 'buy') this.buy(order);
      else this.reserve(order);
      if (order.key !== undefined) this.keep(order, order.key);
    }
  }

  get shape(): Shape {
    return {
      buys: this.purchases.count > 0,
      reserves: this.reservations.count > 0,
      counts: [...this.options.keys()].some((id) => this.seen.get(id)?.countsUsers !== false),
      keys: this.keys.ids !== '',
    };
  }

  /** @returns the options, what is held and sold of each, the largest quantity and the price: five lists. */
  moves(): Parameter[] {
    const wanted = [...this.options.values()];
    return [
      arrayOf([...this.options.keys()]),
      arrayOf(wanted.map(({ held }) => held)),
      arrayOf(wanted.map(({ sold }) => sold)),
      arrayOf(wanted.map(({ largest }) => largest)),
      arrayOf(wanted.map(({ priceCents }) => priceCents)),
    ];
  }

  /** @returns if there are purchases their ids, users, options by place, and quantities. */
  purchased(): Parameter[] {
    const { ids, users, options, quantities, count } = this.purchases;
    return count === 0 ? [] : [ids, users, options, quantities].map(list);
  }

  /**
   * @returns if there are reservations their ids, users, and as text options, quantities and prices; then their holds:
   *   reservations by place, options by place, quantities, kinds
   */
  reserved(): Parameter[] {
    const { ids, users, options, quantities, prices, count } = this.reservations;
    const { holds } = this;
    if (count === 0) return [];
    const ofHolds = [holds.reservations, holds.options, holds.quantities, holds.kinds];
    return [ids, users, options, quantities, prices, ...ofHolds].map(list);
  }

  /** The same where each reservation is of one item: the option, by place, and quantity of each instead of its holds. */
  reservedSingly(): Parameter[] {
    const { ids, users, options, quantities, prices, count } = this.reservations;
    const { holds } = this;
    if (count === 0) return [];
    return [ids, users, options, quantities, prices, holds.options, holds.quantities].map(list);
  }

  /** @returns if there are keys their ids, fingerprints, places of what was made, and of its first option. */
  kept(): Parameter[] {
    const { ids, prints, places, options } = this.keys;
    return ids === '' ? [] : [ids, prints, places, options].map(list);
  }

  /** @returns a reservation of this bill as it is once it has been made. */
  reservation(order: TakeOrder, createdAt: Date, expiresAt: Date): ReservationState {
    return {
      id: order.id,
      userId: order.userId,
      status: 'active',
      createdAt,
      expiresAt,
      items: order.items.map(({ ticketOptionId, quantity }) => ({
        ticketOptionId,
        quantity,
        unitPriceCents: this.options.get(ticketOptionId)?.priceCents ?? 0,
      })),
      paymentId: null,
      purchaseIds: null,
    };
  }

  private buy({ id, eventId, userId, items }: TakeOrder): void {
    const { purchases } = this;
    for (const item of items) {
      const wanted = this.wanted(item, eventId);
      wanted.sold += item.quantity;
      purchases.count += 1;
      purchases.ids += `,${id}`;
      purchases.users += `,${userId}`;
      purchases.options += `,${wanted.place}`;
      purchases.quantities += `,${item.quantity}`;
    }
  }

  private reserve({ id, eventId, userId, items }: TakeOrder): void {
    const { reservations, holds } = this;
    reservations.count += 1;
    reservations.ids += `,${id}`;
    reservations.users += `,${userId}`;
    let options = '';
    let quantities = '';
    let prices = '';
    for (const item of items) {
      const wanted = this.wanted(item, eventId);
      wanted.held += item.quantity;
      wanted.reservations += 1;
      holds.reservations += `,${reservations.count}`;
      holds.options += `,${wanted.place}`;
      holds.quantities += `,${item.quantity}`;
      holds.kinds += `,${items.length}`;
      options += `,${item.ticketOptionId}`;
      quantities += `,${item.quantity}`;
      prices += `,${wanted.priceCents}`;
    }
    reservations.options += `,"${list(options)}"`;
    reservations.quantities += `,"${list(quantities)}"`;
    reservations.prices += `,"${list(prices)}"`;
  }

  private keep(
    { kind, items, eventId }: TakeOrder,
    { id, fingerprint }: NonNullable<TakeOrder['key']>,
  ): void {
    const { keys, purchases, reservations } = this;
    keys.ids += `,${id}`;
    keys.prints += `,${fingerprint}`;
    keys.places += kind === 'buy' ? `,${purchases.count}` : `,-${reservations.count}`;
    const [item] = items;
    keys.options += `,${item === undefined ? 0 : this.wanted(item, eventId).place}`;
  }

  private wanted({ ticketOptionId, quantity }: Item, eventId: string): Wanted {
    let wanted = this.options.get(ticketOptionId);
    if (wanted === undefined) {
      const priceCents = this.seen.get(ticketOptionId)?.priceCents ?? 0;
      const place = this.options.size + 1;
      wanted = { place, eventId, priceCents, held: 0, sold: 0, largest: 0, reservations: 0 };
      this.options.set(ticketOptionId, wanted);
    }
    wanted.largest = Math.max(wanted.largest, quantity);
    return wanted;
  }
}

/** @returns the array of items that each have a comma in front. */
function list(items: string): string {
  return `{${items.slice(1)}}`;
}
