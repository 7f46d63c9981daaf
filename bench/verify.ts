import { withClient } from './databases';
import { type Counted, differences, type Sale } from './differences';

const COUNT = `
  SELECT o.allocation, o.remaining, o.reserved, o.sold,
         (SELECT coalesce(sum(p.quantity), 0)::int FROM purchases p
           WHERE p.event_id = o.event_id AND p.ticket_option_id = o.id) AS purchased
    FROM ticket_options o WHERE o.id = $1`;

/**
 * Counts again what a workload did: a figure is worth nothing if the tickets behind it are not there.
 *
 * @returns one sentence for each thing that does not fit.
 */
export async function verify(databaseUrl: string, ticketOptionId: string, sale: Sale): Promise<string[]> {
  const counted = await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<Counted>(COUNT, [ticketOptionId]);
    return rows[0];
  });
  return counted === undefined ? ['the ticket option is gone'] : differences(sale, counted);
}
