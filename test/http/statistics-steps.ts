import { newId } from '../../src/ids';
import { type TestApp } from '../support/app';
import { type ResourceObject } from '../support/json-api-document';
import { type Client } from './client';
import { itemsOf } from './wire';

type Figure =
  | 'allocation'
  | 'reserved'
  | 'sold'
  | 'revenue_cents'
  | 'reservations_created'
  | 'reservations_paid'
  | 'reservations_cancelled'
  | 'reservations_expired';

/** Inserts an event with figures that are said, whatever was sold. @returns its id */
export async function insertEvent(
  { database }: Pick<TestApp, 'database'>,
  figures: Partial<Record<Figure, number | bigint>> = {},
): Promise<string> {
  const id = newId();
  await database.query(
    `INSERT INTO events (id, name, created_at, updated_at) VALUES ($1, 'Counted', now(), now())`,
    [id],
  );
  const names = ['event_id', ...Object.keys(figures)];
  const values = [id, ...Object.values(figures).map(String)];
  await database.query(
    `INSERT INTO event_counts (${names.join(', ')}) VALUES (${values.map((_, index) => `$${index + 1}`).join(', ')})`,
    values,
  );
  return id;
}

/** What was sold of an event in an interval that begins at an instant. */
interface Sold {
  readonly event: string;
  readonly minutes: 1 | 60 | 1440;
  readonly at: string | Date;
  readonly sold: number;
  readonly cents?: number | bigint;
}

export async function insertSales({ database }: Pick<TestApp, 'database'>, sales: readonly Sold[]) {
  for (const { event, minutes, at, sold, cents = 0 } of sales)
    await database.query(
      'INSERT INTO sales (minutes, starts_at, event_id, sold, revenue_cents) VALUES ($1, $2, $3, $4, $5)',
      [minutes, at, event, sold, String(cents)],
    );
}

/** Follows the links of a list until there is none. @returns the items of all pages, as they came */
async function walk(client: Client, first: string, direction: 'next' | 'prev'): Promise<ResourceObject[][]> {
  const pages: ResourceObject[][] = [];
  for (let path: string | null | undefined = first; typeof path === 'string';) {
    const answer = await client.get(path);
    pages.push(itemsOf(answer));
    path = answer.document.links?.[direction];
    if (pages.length > 100) throw new Error('the walk does not end');
  }
  return pages;
}

/** Expects that a list is the same on pages of three items, forwards and backwards. @returns its items */
export async function expectWalks(client: Client, list: string): Promise<ResourceObject[]> {
  const more = list.includes('?') ? '&' : '?';
  const whole = await client.list(`${list}${more}page[size]=100`);
  const ids = whole.map(({ id }) => id);
  const idsOf = (pages: readonly ResourceObject[][]) => pages.flat().map(({ id }) => id);

  const forwards = await walk(client, `${list}${more}page[size]=3`, 'next');
  expect(idsOf(forwards)).toEqual(ids);
  const last = whole.at(-1)?.meta?.page.cursor ?? '';
  const backwards = await walk(client, `${list}${more}page[size]=3&page[before]=${last}`, 'prev');
  expect(idsOf(backwards.toReversed())).toEqual(ids.slice(0, -1));
  for (const page of [...forwards.slice(0, -1), ...backwards.slice(0, -1)]) expect(page).toHaveLength(3);
  return whole;
}
