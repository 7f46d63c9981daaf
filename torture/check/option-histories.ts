import { isTake, paymentOf, type Told } from '../work/told';
import type { Explained } from './acknowledged';
import type { Operation } from './linearizable';
import type { OptionInput } from './option-model';
import type { Tables } from './tables';

type Done = Operation<OptionInput>;

/** What is known of everything that was done to one option. */
interface Sources {
  readonly told: readonly Told[];
  readonly tables: Tables;
  readonly found: Explained['found'];
  /** How long a reservation lasts if nobody extends it, in milliseconds. */
  readonly holdMs: number;
}

/** Why a take is refused although it was made well: it tells nothing of the counters. */
type Between = Pick<Done, 'callMs' | 'returnMs' | 'hintMs' | 'mayBeMissing'>;

/** @returns what was done to each option, as the checker takes it */
export function optionHistories(sources: Sources): Map<string, Done[]> {
  const histories = new Map<string, Done[]>();
  for (const told of sources.told) {
    for (const option of told.options) {
      const done = operationsOf(told, option, sources);
      histories.set(option, [...(histories.get(option) ?? []), ...done]);
    }
  }
  return histories;
}

/** What is open may have happened at any time after it was sent. */
function betweenOf({ outcome, sentMs, answeredMs }: Told): Between {
  return { callMs: sentMs, returnMs: outcome === 'unknown' ? Infinity : answeredMs };
}

function operationsOf(told: Told, option: string, sources: Sources): Done[] {
  const { wish, outcome, answer } = told;
  const between = betweenOf(told);
  const maybe = outcome === 'unknown' ? { ...between, mayBeMissing: true } : between;
  const isDone = outcome === 'done';
  switch (wish.kind) {
    case 'buy':
    case 'reserve':
      return isDone || outcome === 'unknown'
        ? taken(told, option, sources)
        : refusedTake(told, option).map((input) => ({ ...between, input }));
    case 'extend':
    case 'cancel': {
      const { kind, id } = wish;
      const input = kind === 'cancel' ? { kind, id } : { kind, id, untilMs: wish.untilMs };
      const isOpen = outcome === 'unknown' && mayHaveHappened(input, sources.tables);
      return isDone || isOpen ? [{ ...maybe, input }] : [];
    }
    case 'pay':
      return paid(told, sources);
    case 'refund': {
      const row = sources.tables.purchases.get(wish.id);
      const isIt = row?.ticket_option_id === option && (isDone || sources.found.get(told) === wish.id);
      if (!isIt) return [];
      const hintMs = row.refunded_at?.getTime() ?? told.answeredMs;
      return [{ ...between, hintMs, input: { kind: 'refund', quantity: row.quantity } }];
    }
    case 'resize': {
      if (outcome === 'refused') return counted(answer.body.errors?.[0]?.meta, between);
      const input = { kind: 'resize', allocation: wish.allocation } as const;
      return isDone || outcome === 'unknown' ? [{ ...maybe, input }] : [];
    }
    case 'look':
      return isDone ? counted(answer.body.data?.attributes, between) : [];
    case 'call off':
      return isDone || outcome === 'unknown' ? [{ ...maybe, input: { kind: 'call off' } }] : [];
    case 'read':
      return [];
  }
}

/** Whether a change can have had its effect, by what the reservation is in the end: nothing takes it back. */
function mayHaveHappened(
  input: Extract<OptionInput, { kind: 'extend' | 'cancel' }>,
  { reservations }: Tables,
): boolean {
  const row = reservations.get(input.id);
  if (row === undefined) return false;
  return input.kind === 'cancel' ? row.status === 'cancelled' : row.expires_at.getTime() >= input.untilMs;
}

/** What was taken; of what nobody was told, the row that was found of it. */
function taken(told: Told, option: string, { tables, found, holdMs }: Sources): Done[] {
  const { wish, answer } = told;
  const id = answer.body.data?.id ?? found.get(told);
  if (id === undefined || !isTake(wish)) return [];
  const row = tables.reservations.get(id) ?? tables.purchases.get(id);
  const atMs = row?.created_at.getTime() ?? NaN;
  const quantity = wish.items.find((item) => item.option === option)?.quantity ?? 0;
  const input: OptionInput =
    wish.kind === 'buy'
      ? { kind: 'buy', quantity, atMs }
      : { kind: 'reserve', id, quantity, atMs, untilMs: atMs + holdMs };
  return [{ ...betweenOf(told), hintMs: atMs, input }];
}

function refusedTake({ wish, answer }: Told, option: string): OptionInput[] {
  if (!isTake(wish)) return [];
  return (answer.body.errors ?? []).flatMap(({ code, meta, source }): OptionInput[] => {
    const item = wish.items[Number(/\/data\/(\d+)\//.exec(source?.pointer ?? '')?.[1] ?? 0)];
    if (code === 'event_cancelled') return [{ kind: 'called off before' }];
    if (item?.option !== option) return [];
    if (code === 'invalid_purchase_quantity') return [{ kind: 'too many', quantity: item.quantity }];
    if (code !== 'insufficient_tickets') return [];
    return [{ kind: 'look', remaining: Number(meta?.['remaining']) }];
  });
}

/** A payment has two transactions: it begins, and it ends as its row says. */
function paid(told: Told, { tables, found }: Sources): Done[] {
  const { wish } = told;
  const payment = tables.payments.get(found.get(told) ?? paymentOf(told) ?? '');
  if (payment === undefined || wish.kind !== 'pay') return [];
  const { id } = wish;
  const hasBought = tables.reservations.get(id)?.status === 'paid' && payment.status !== 'failed';
  const isTurnedBack = ![...tables.purchases.values()].some((row) => row.payment_id === payment.id);
  const end = hasBought && !isTurnedBack ? 'settle' : 'fail';
  const between = betweenOf(told);
  return [
    { ...between, hintMs: payment.created_at.getTime(), input: { kind: 'begin', id } },
    { ...between, input: { kind: end, id } },
  ];
}

function counted(told: Readonly<Record<string, unknown>> | undefined, between: Between): Done[] {
  const names = ['allocation', 'sold', 'reserved', 'remaining'] as const;
  const known = names.filter((name) => typeof told?.[name] === 'number');
  if (known.length === 0) return [];
  return [
    { ...between, input: { kind: 'look', ...Object.fromEntries(known.map((name) => [name, told?.[name]])) } },
  ];
}
