import type { DemoClient } from './demo-client';

/** An event and the ids of its ticket options. */
export interface Scene<K extends string = string> {
  readonly id: string;
  readonly name: string;
  readonly options: Readonly<Record<K, string>>;
}

const DAY_MS = 86_400_000;

/** Three kinds at three prices, limited by order, for each user by kind, and for each user altogether. */
export function makeConcert(client: DemoClient): Promise<Scene<'stalls' | 'circle' | 'box'>> {
  const event = {
    name: 'Night of strings',
    venue: 'Town hall',
    starts_at: inDays(60),
    max_tickets_per_user: 6,
  };
  return makeScene(client, event, {
    stalls: { name: 'Stalls', kind: 'regular', price_cents: 2_500, allocation: 300, max_per_user: 4 },
    circle: { name: 'Circle', kind: 'premium', price_cents: 4_900, allocation: 100, max_per_order: 4 },
    box: { name: 'Box', kind: 'VIP', price_cents: 12_000, allocation: 10, max_per_user: 2 },
  });
}

/** Costs nothing, so it can be bought at once. */
export function makeMeetUp(client: DemoClient): Promise<Scene<'entry' | 'workbench'>> {
  const event = { name: 'Repair café', starts_at: inDays(14), max_tickets_per_user: 2 };
  return makeScene(client, event, {
    entry: { name: 'Entry', allocation: 80 },
    workbench: { name: 'Workbench', allocation: 2 },
  });
}

/** Not on sale yet; one kind replaces the other after a while. */
export function makeFestival(client: DemoClient): Promise<Scene> {
  const event = { name: 'Summer festival', starts_at: inDays(200), ends_at: inDays(203) };
  const early = { kind: 'early bird', price_cents: 3_900, allocation: 500 };
  const late = { kind: 'regular', price_cents: 5_900, allocation: 2_000 };
  return makeScene(client, event, {
    early: { name: 'Early', ...early, sales_start_at: inDays(7), sales_end_at: inDays(30) },
    late: { name: 'Late', ...late, sales_start_at: inDays(30) },
  });
}

async function makeScene<K extends string>(
  client: DemoClient,
  event: { readonly name: string },
  options: Readonly<Record<K, object>>,
): Promise<Scene<K>> {
  const { id } = await client.createEvent(event);
  const ids: Partial<Record<K, string>> = {};
  for (const key in options) ids[key] = (await client.createOption(id, options[key])).id;
  return { id, name: event.name, options: ids as Record<K, string> };
}

/** @returns a full hour, so that it reads well. */
function inDays(days: number): string {
  const at = new Date(Date.now() + days * DAY_MS);
  at.setUTCHours(18, 0, 0, 0);
  return at.toISOString();
}
