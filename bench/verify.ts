import { audit } from '../src/allocation/audit';
import { withClient } from './databases';
import { type Counted, differences, differencesOverAll, type Sale } from './differences';

const COUNT = `
  SELECT o.allocation, o.remaining, o.reserved, o.sold,
         (SELECT coalesce(sum(p.quantity), 0)::int FROM purchases AS p
           WHERE p.event_id = o.event_id AND p.ticket_option_id = o.id) AS purchased,
         (SELECT coalesce(sum(h.quantity), 0)::int FROM holds AS h
           WHERE h.event_id = o.event_id AND h.ticket_option_id = o.id) AS held,
         (SELECT coalesce(sum(item.quantity), 0)::int
            FROM reservations AS r, unnest(r.ticket_option_ids, r.quantities) AS item (id, quantity)
           WHERE r.event_id = o.event_id AND r.status = 'active' AND item.id = o.id) AS promised,
         CASE WHEN o.counts_users THEN (SELECT coalesce(sum(c.tickets), 0)::int FROM user_counts AS c
           WHERE c.event_id = o.event_id AND c.scope_id = o.id) END AS counted
    FROM ticket_options AS o WHERE o.id = ANY ($1::uuid[])`;

/**
 * Counts again what a workload did: a figure is worth nothing if the tickets behind it are not there.
 *
 * @param sale what was taken of each option
 * @param isSpread whether each request took from one of the options, and not from all of them
 * @returns what the tables say, and one sentence for each thing that does not fit.
 */
export async function verify(
  databaseUrl: string,
  ticketOptionIds: readonly string[],
  sale: Sale,
  isSpread = false,
): Promise<{ counted: readonly Counted[]; problems: string[] }> {
  const counted = await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<Counted>(COUNT, [ticketOptionIds]);
    return rows;
  });
  const problems = isSpread
    ? differencesOverAll(sale, counted)
    : counted.flatMap((option) => differences(sale, option));
  const gone = ticketOptionIds.length - counted.length;
  if (gone > 0) problems.push(`${gone} ticket options are gone`);
  // A thousand options that are wrong alike need not be told one by one.
  return { counted, problems: problems.slice(0, 5) };
}

/** What `npm run audit` says of the books of a whole database: a sentence for each difference. */
export async function auditOf(databaseUrl: string): Promise<string[]> {
  const found = await withClient(databaseUrl, audit);
  const sentences = found.slice(0, 5).map(({ sentence }) => sentence);
  return found.length > 5 ? [...sentences, `${found.length} differences in all`] : sentences;
}
