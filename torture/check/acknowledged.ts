import { isTake, paymentOf, sentenceOf, type Told } from '../work/told';
import type { Tables } from './tables';

/** What was told and what there is, put together. */
export interface Explained {
  readonly wrongs: readonly string[];
  /** Of operations whose outcome nobody told, what there is of them: a row of their own. */
  readonly found: ReadonlyMap<Told, string>;
}

/**
 * Every acknowledged effect is there, as it was acknowledged, and once; and whatever is there was asked for: what nobody
 * was told of belongs to an operation that got no answer, one to one.
 */
export function explainRows(all: readonly Told[], tables: Tables): Explained {
  const done = all.filter(({ outcome }) => outcome === 'done');
  const wrongs = done.flatMap((told) =>
    missing(told, tables).map((what) => `${sentenceOf(told)}, but ${what}`),
  );
  wrongs.push(...acknowledgedTwice(done));
  const found = new Map<Told, string>();
  wrongs.push(...unexplainedTakes(all, tables, found), ...unexplainedPayments(all, tables, found));
  wrongs.push(...unexplainedRefunds(all, tables, found));
  return { wrongs, found };
}

/** @returns what is not as it was acknowledged */
function missing({ wish, event, answer }: Told, tables: Tables): string[] {
  const { reservations, purchases, payments } = tables;
  const id = answer.body.data?.id ?? '';
  switch (wish.kind) {
    case 'buy': {
      const row = purchases.get(id);
      const [item] = wish.items;
      const isIt = row?.user_id === wish.user && row.quantity === item?.quantity;
      return isIt && row.ticket_option_id === item.option ? [] : [`purchase ${id} is not there like that`];
    }
    case 'reserve': {
      const row = reservations.get(id);
      const isIt = row?.user_id === wish.user && textOf(row) === textOfItems(wish.items);
      return isIt ? [] : [`reservation ${id} is not there like that`];
    }
    case 'extend':
      return (reservations.get(wish.id)?.expires_at.getTime() ?? 0) >= wish.untilMs
        ? []
        : ['it is not extended'];
    case 'cancel': {
      const status = reservations.get(wish.id)?.status;
      return status === 'paid' || status === undefined ? [`it is ${String(status)}`] : [];
    }
    case 'pay':
      return payments.get(id)?.reservation_id === wish.id ? [] : [`payment ${id} is not there`];
    case 'refund':
      return purchases.get(wish.id)?.refunded_at == null ? ['it was not taken back'] : [];
    case 'call off':
      return tables.cancelledEvents.has(event) ? [] : ['the event is not cancelled'];
    default:
      return [];
  }
}

/** No two operations were given the same thing. */
function acknowledgedTwice(done: readonly Told[]): string[] {
  const seen = new Set<string>();
  return done.flatMap((told) => {
    const { wish, answer } = told;
    if (!isTake(wish) && wish.kind !== 'pay' && wish.kind !== 'refund') return [];
    const id = `${wish.kind} ${wish.kind === 'refund' ? wish.id : (answer.body.data?.id ?? '')}`;
    if (seen.has(id)) return [`${sentenceOf(told)}, and so was another one`];
    seen.add(id);
    return [];
  });
}

function unexplainedTakes(all: readonly Told[], tables: Tables, found: Map<Told, string>): string[] {
  const told = new Set(
    all.flatMap((each) => (each.outcome === 'done' ? (each.answer.body.data?.id ?? []) : [])),
  );
  const bought = [...tables.purchases.values()].filter((row) => row.payment_id === null);
  const rows = [
    ...bought.map((row) => ({
      ...{ id: row.id, atMs: row.created_at.getTime() },
      text: `buy ${row.user_id} ${row.ticket_option_id} ${row.quantity}`,
    })),
    ...[...tables.reservations.values()].map((row) => ({
      ...{ id: row.id, atMs: row.created_at.getTime() },
      text: `reserve ${row.user_id} ${textOf(row)}`,
    })),
  ].filter(({ id }) => !told.has(id));
  const open = new Map<string, Told[]>();
  for (const each of all) {
    const { wish, outcome } = each;
    if (!isTake(wish) || outcome !== 'unknown') continue;
    const text = `${wish.kind} ${wish.user} ${textOfItems(wish.items)}`;
    open.set(text, [...(open.get(text) ?? []), each]);
  }
  // The latest row takes the latest that was asked for in time: if there is any way to pair them, then this is one.
  rows.sort((one, other) => other.atMs - one.atMs);
  return rows.flatMap(({ id, text, atMs }) => {
    const candidates = (open.get(text) ?? []).filter((each) => !found.has(each) && each.sentMs <= atMs + 1);
    const owner = candidates.sort((one, other) => other.sentMs - one.sentMs)[0];
    if (owner === undefined)
      return [`${id} (${text}) is there, and nobody was told of it or is without an answer`];
    found.set(owner, id);
    return [];
  });
}

function unexplainedPayments(all: readonly Told[], tables: Tables, found: Map<Told, string>): string[] {
  const pays = all.filter(({ wish }) => wish.kind === 'pay');
  const told = new Set(pays.flatMap((each) => paymentOf(each) ?? []));
  // What the last try named may never have been, and an earlier one may have begun another.
  const namesNone = (each: Told): boolean => !tables.payments.has(paymentOf(each) ?? '');
  // In the order of their making: if there is any way to give each to somebody who had asked by then, then this is one.
  return [...tables.payments.values()].flatMap((row) => {
    if (told.has(row.id)) return [];
    const owner = pays.find(
      (each) =>
        'id' in each.wish &&
        each.wish.id === row.reservation_id &&
        each.outcome === 'unknown' &&
        namesNone(each) &&
        !found.has(each) &&
        each.sentMs <= row.created_at.getTime() + 1,
    );
    if (owner === undefined)
      return [`payment ${row.id} of reservation ${row.reservation_id} is there, and nobody asked for it`];
    found.set(owner, row.id);
    return [];
  });
}

function unexplainedRefunds(all: readonly Told[], tables: Tables, found: Map<Told, string>): string[] {
  const refunds = all.filter(({ wish }) => wish.kind === 'refund');
  return [...tables.purchases.values()].flatMap((row) => {
    const mine = refunds.filter(({ wish }) => 'id' in wish && wish.id === row.id);
    if (row.refunded_at === null || mine.some(({ outcome }) => outcome === 'done')) return [];
    const owner = mine.find(({ outcome }) => outcome === 'unknown');
    if (owner === undefined) return [`purchase ${row.id} was taken back, and nobody asked for it`];
    found.set(owner, row.id);
    return [];
  });
}

function textOf({
  ticket_option_ids: options,
  quantities,
}: {
  readonly ticket_option_ids: readonly string[];
  readonly quantities: readonly number[];
}): string {
  return textOfItems(options.map((option, index) => ({ option, quantity: quantities[index] ?? 0 })));
}

function textOfItems(items: readonly { readonly option: string; readonly quantity: number }[]): string {
  return items
    .map(({ option, quantity }) => `${option} ${quantity}`)
    .sort()
    .join(' ');
}
