import type { TwoInstances } from '../support/two-instances';
import { type Counted, countRows } from './counted';

type Attributes = Readonly<Record<string, unknown>>;

/** What a list or a single resource has to answer: attributes by id, and what is busiest. */
interface Expected {
  readonly items: Readonly<Record<string, Attributes>>;
  readonly busiest?: Attributes | null;
}

interface Item {
  readonly id: string;
  readonly attributes: Attributes;
}

/** How often what is compared may have run out of time while it was compared. */
const TRIES = 10;
const MINUTES = { minute: 1, hour: 60, day: 1_440 } as const;

/**
 * Compares whatever the statistics say with what the rows say, while nobody does anything.
 *
 * @param prepare makes something that lasts for a while, each time that something has run out meanwhile
 * @returns what differs, and what it was compared with
 */
export async function compareStatistics(
  { shops, client }: TwoInstances,
  prepare: () => Promise<unknown>,
): Promise<{ wrongs: string[]; counted: Counted }> {
  for (let tries = 1; ; tries += 1) {
    await prepare();
    const counted = await countRows(client);
    const asked = [...expectedOf(counted)].map(async ([path, expected], index) => {
      const { status, body } = await shops[index % 2 === 0 ? 0 : 1].get(path);
      return differencesOf(path, expected, status, body);
    });
    const wrongs = (await Promise.all(asked)).flat();
    const isStill = JSON.stringify(await countRows(client)) === JSON.stringify(counted);
    if (isStill) return { wrongs, counted };
    if (tries === TRIES) return { wrongs: ['it never stood still'], counted };
  }
}

interface Document {
  readonly data?: Item | readonly Item[];
  readonly meta?: { readonly busiest?: Attributes | null };
}

function differencesOf(path: string, { items, busiest }: Expected, status: number, told: Document): string[] {
  const wrongs: string[] = [];
  const data: readonly Item[] = [told.data ?? []].flat();
  const found = new Map(data.map(({ id, attributes }) => [id, attributes]));
  if (status !== 200 || data.length !== found.size) wrongs.push(`${path} answers ${status}`);
  for (const id of new Set([...found.keys(), ...Object.keys(items)])) {
    const names = Object.keys(items[id] ?? {});
    const shown = names.map((name) => [name, found.get(id)?.[name]]);
    const [has, should] = [JSON.stringify(Object.fromEntries(shown)), JSON.stringify(items[id])];
    if (items[id] === undefined || has !== should) wrongs.push(`${path} says ${has} of ${id}, not ${should}`);
  }
  if (busiest !== undefined && JSON.stringify(busiest) !== JSON.stringify(told.meta?.busiest))
    wrongs.push(`${path} does not say that ${JSON.stringify(busiest)} is busiest`);
  return wrongs;
}

/** @returns what is to be read where, with what it should say. */
function expectedOf(counted: Counted): Map<string, Expected> {
  const expected = new Map<string, Expected>();
  const ofEvents = counted.events.map(({ event }) => [event, figuresOf(counted, event)] as const);
  const totals = { ...figuresOf(counted), events: counted.events.length };
  expected.set('/statistics/totals', { items: { totals } });
  expected.set('/statistics/events?page[size]=100', { items: Object.fromEntries(ofEvents) });
  expected.set('/statistics/events?sort=-revenue_cents&page[size]=100', {
    items: Object.fromEntries(ofEvents),
  });
  for (const [event, figures] of ofEvents)
    expected.set(`/statistics/events/${event}`, { items: { [event]: figures } });
  for (const event of [undefined, ...counted.events.map((each) => each.event)]) {
    const filter = event === undefined ? '' : `filter[event]=${event}&`;
    const kinds = kindsOf(counted, event);
    expected.set(`/statistics/kinds?${filter}page[size]=100`, { items: kinds });
    for (const [id, figures] of Object.entries(kinds))
      expected.set(`/statistics/kinds/${encodeURIComponent(id)}`, { items: { [id]: figures } });
    for (const interval of ['minute', 'hour', 'day'] as const) {
      expected.set(
        `/statistics/sales?${filter}filter[interval]=${interval}&page[size]=100`,
        salesOf(counted, interval, event),
      );
    }
  }
  return expected;
}

/** @returns the figures of an event, or of all of them. */
function figuresOf({ options, events }: Counted, event?: string): Attributes {
  const ofOptions = stockOf(options.filter((each) => event === undefined || each.event === event));
  const mine = events.filter((each) => event === undefined || each.event === event);
  const created = sum(mine, (each) => each.created);
  const paid = sum(mine, (each) => each.paid);
  return {
    ...ofOptions,
    sell_through: ofOptions.allocation === 0 ? 0 : ofOptions.sold / ofOptions.allocation,
    reservations_created: created,
    reservations_paid: paid,
    reservations_cancelled: sum(mine, (each) => each.cancelled),
    reservations_expired: sum(mine, (each) => each.expired),
    conversion: created === 0 ? 0 : paid / created,
  };
}

function stockOf(options: Counted['options']) {
  const allocation = sum(options, (each) => each.allocation);
  const reserved = sum(options, (each) => each.reserved);
  const sold = sum(options, (each) => each.sold);
  const remaining = allocation - reserved - sold;
  return { allocation, remaining, reserved, sold, revenue_cents: sum(options, (each) => each.cents) };
}

/** @returns the figures of each kind by its id. */
function kindsOf({ options }: Counted, event?: string): Record<string, Attributes> {
  const mine = options.filter((each) => event === undefined || each.event === event);
  const kinds = new Set(mine.flatMap(({ kind }) => kind ?? []));
  return Object.fromEntries(
    [...kinds].map((kind) => {
      const id = event === undefined ? kind : `${event}:${kind}`;
      return [id, stockOf(mine.filter((each) => each.kind === kind))];
    }),
  );
}

function salesOf({ sales }: Counted, interval: keyof typeof MINUTES, event?: string): Expected {
  const lengthMs = MINUTES[interval] * 60_000;
  const points = new Map<number, { sold: number; revenue_cents: number }>();
  for (const sale of sales.filter((each) => event === undefined || each.event === event)) {
    const startMs = Math.floor(sale.at.getTime() / lengthMs) * lengthMs;
    const { sold, revenue_cents: cents } = points.get(startMs) ?? { sold: 0, revenue_cents: 0 };
    points.set(startMs, { sold: sold + sale.quantity, revenue_cents: cents + sale.cents });
  }
  const all = [...points]
    .sort(([one], [other]) => one - other)
    .map(([startMs, point]) => ({ starts_at: new Date(startMs).toISOString(), ...point }));
  const most = Math.max(...all.map(({ sold }) => sold));
  const prefix = event === undefined ? '' : `${event}:`;
  return {
    items: Object.fromEntries(all.map((point) => [`${prefix}${interval}:${point.starts_at}`, point])),
    busiest: all.find(({ sold }) => sold === most) ?? null,
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
