import type { ClientBase } from 'pg';

/** A ticket option whose counters say something else than its rows. */
export interface Difference {
  readonly ticketOptionId: string;
  /** One sentence for people. */
  readonly sentence: string;
}

const COUNT_OPTIONS = `
  SELECT o.id, o.allocation, o.remaining, o.reserved, o.sold, coalesce(p.tickets, 0)::text AS bought
    FROM ticket_options AS o
    LEFT JOIN (SELECT ticket_option_id, event_id, sum(quantity) AS tickets
                 FROM purchases
                GROUP BY ticket_option_id, event_id) AS p ON p.ticket_option_id = o.id AND p.event_id = o.event_id`;

const COUNT_USERS = `
  SELECT o.id, o.max_per_user, u.user_id, coalesce(c.tickets, 0) AS counted, coalesce(u.tickets, 0)::text AS bought
    FROM ticket_options AS o
    JOIN (SELECT ticket_option_id, event_id, user_id, sum(quantity) AS tickets
            FROM purchases
           GROUP BY ticket_option_id, event_id, user_id) AS u ON u.ticket_option_id = o.id AND u.event_id = o.event_id
    LEFT JOIN user_counts AS c
      ON c.user_id = u.user_id AND c.ticket_option_id = u.ticket_option_id AND c.event_id = u.event_id
   WHERE o.max_per_user IS NOT NULL
     AND (c.tickets IS DISTINCT FROM u.tickets OR u.tickets > o.max_per_user)`;

const COUNTED_WITHOUT_PURCHASE = `
  SELECT c.ticket_option_id AS id, c.user_id, c.tickets
    FROM user_counts AS c
   WHERE c.tickets > 0
     AND NOT EXISTS (SELECT FROM purchases AS p
                      WHERE p.user_id = c.user_id AND p.ticket_option_id = c.ticket_option_id AND p.event_id = c.event_id)`;

/**
 * Counts every ticket again from the rows and compares with the counters, in one snapshot, so that it is right
 * while sales go on.
 *
 * @returns one entry for each difference; none when the books are right
 */
export async function audit(client: ClientBase): Promise<Difference[]> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    // Counting takes as long as there are rows.
    await client.query("SELECT set_config('statement_timeout', '0', true)");
    return [
      ...(await optionDifferences(client)),
      ...(await userDifferences(client)),
      ...(await countsWithoutPurchase(client)),
    ];
  } finally {
    await client.query('ROLLBACK');
  }
}

async function optionDifferences(client: ClientBase): Promise<Difference[]> {
  const { rows } = await client.query<{
    id: string;
    allocation: number;
    remaining: number;
    reserved: number;
    sold: number;
    bought: string;
  }>(COUNT_OPTIONS);
  const differences: Difference[] = [];
  for (const { id, allocation, remaining, reserved, sold, bought } of rows) {
    const tell = (sentence: string): void => {
      differences.push({ ticketOptionId: id, sentence: `ticket option ${id}: ${sentence}` });
    };
    if (sold !== Number(bought)) tell(`sold is ${sold}, but its purchases add up to ${bought}`);
    if (remaining + reserved + sold !== allocation) {
      tell(
        `remaining ${remaining} + reserved ${reserved} + sold ${sold} is not the allocation ${allocation}`,
      );
    }
    if (Math.min(remaining, reserved, sold) < 0) tell('a counter is negative');
    // No reservation exists yet, so nothing can be reserved.
    if (reserved !== 0) tell(`reserved is ${reserved}, but there are no reservations`);
  }
  return differences;
}

async function userDifferences(client: ClientBase): Promise<Difference[]> {
  const { rows } = await client.query<{
    id: string;
    max_per_user: number;
    user_id: string;
    counted: number;
    bought: string;
  }>(COUNT_USERS);
  return rows.map(({ id, user_id, max_per_user, counted, bought }) => ({
    ticketOptionId: id,
    sentence: `ticket option ${id}: user ${user_id} owns ${bought} tickets, is counted with ${counted} and may have ${max_per_user}`,
  }));
}

async function countsWithoutPurchase(client: ClientBase): Promise<Difference[]> {
  const { rows } = await client.query<{ id: string; user_id: string; tickets: number }>(
    COUNTED_WITHOUT_PURCHASE,
  );
  return rows.map(({ id, user_id, tickets }) => ({
    ticketOptionId: id,
    sentence: `ticket option ${id}: user ${user_id} is counted with ${tickets} tickets, but owns none`,
  }));
}
