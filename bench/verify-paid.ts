import { withClient } from './databases';
import type { LoadResult } from './load';

/** What was to be paid, and what was answered. */
export interface Paying {
  /** Reservations of one ticket each that were there before. */
  readonly reserved: number;
  readonly priceCents: number;
  readonly result: Pick<LoadResult, 'statuses' | 'unanswered'>;
}

/** What the tables say of the one option, and of everything that was paid for it. */
export interface CountedPaid {
  readonly reserved: number;
  readonly sold: number;
  readonly revenue_cents: number;
  readonly payments: number;
  readonly paid_cents: number;
  readonly open_payments: number;
  readonly charges: number;
  readonly charged_cents: number;
  readonly purchases: number;
  readonly paid_reservations: number;
  /** Charges of the gateway, of whatever, that no payment knows of. */
  readonly unknown_charges: number;
}

const COUNT = `
  SELECT o.reserved, o.sold, o.revenue_cents::float8 AS revenue_cents, paid.*, charged.*, bought.*, settled.*, unknown.*
    FROM ticket_options AS o
   CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE status = 'succeeded')::int AS payments,
                coalesce(sum(amount_cents) FILTER (WHERE status = 'succeeded'), 0)::float8 AS paid_cents,
                count(*) FILTER (WHERE status <> 'succeeded')::int AS open_payments
           FROM payments WHERE event_id = o.event_id) AS paid
   CROSS JOIN LATERAL (
         SELECT count(*)::int AS charges, coalesce(sum(g.amount_cents), 0)::float8 AS charged_cents
           FROM payments AS p JOIN gateway_charges AS g ON g.key = p.id
          WHERE p.event_id = o.event_id AND NOT g.voided) AS charged
   CROSS JOIN LATERAL (
         SELECT count(*)::int AS purchases FROM purchases
          WHERE ticket_option_id = o.id AND event_id = o.event_id AND payment_id IS NOT NULL) AS bought
   CROSS JOIN LATERAL (
         SELECT count(*)::int AS paid_reservations FROM reservations
          WHERE event_id = o.event_id AND status = 'paid') AS settled
   CROSS JOIN (
         SELECT count(*)::int AS unknown_charges FROM gateway_charges AS g
          WHERE NOT EXISTS (SELECT FROM payments AS p WHERE p.id = g.key)) AS unknown
   WHERE o.id = $1`;

/** Counts again what was paid. @returns one sentence for each thing that does not fit. */
export async function verifyPaid(
  databaseUrl: string,
  ticketOptionId: string,
  paying: Paying,
): Promise<string[]> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<CountedPaid>(COUNT, [ticketOptionId]),
  );
  const [counted] = rows;
  return counted === undefined ? ['the ticket option is gone'] : differencesPaid(paying, counted);
}

/** What the tables say against what was answered. @returns one sentence for each thing that does not fit. */
export function differencesPaid({ reserved, priceCents, result }: Paying, counted: CountedPaid): string[] {
  const { payments, charges, purchases, paid_reservations: settled } = counted;
  const acknowledged = result.statuses['201'] ?? 0;
  const others = Object.values(result.statuses).reduce((sum, count) => sum + count, 0) - acknowledged;
  // A payment without a clear answer may have been made; nothing else explains one that nobody was told of.
  const most = acknowledged + others + result.unanswered;
  const checks: [boolean, string][] = [
    [payments >= acknowledged, `${acknowledged} acknowledged, only ${payments} payments succeeded`],
    [payments <= most, `${payments} payments succeeded, only ${most} were asked for`],
    [charges === payments, `${charges} charged, but ${payments} payments succeeded`],
    [purchases === payments, `${purchases} purchases, but ${payments} payments succeeded`],
    [settled === payments, `${settled} reservations are paid, but ${payments} payments succeeded`],
    [counted.sold === payments, `${counted.sold} are sold, but ${payments} payments succeeded`],
    [counted.reserved === reserved - payments, `${counted.reserved} are still reserved of ${reserved}`],
    [counted.open_payments === 0, `${counted.open_payments} payments have not succeeded`],
    [counted.unknown_charges === 0, `${counted.unknown_charges} charges belong to no payment`],
    ...(['paid_cents', 'charged_cents', 'revenue_cents'] as const).map((money): [boolean, string] => [
      counted[money] === payments * priceCents,
      `${money} is ${counted[money]}, should be ${payments * priceCents}`,
    ]),
  ];
  return checks.filter(([fits]) => !fits).map(([, difference]) => difference);
}
