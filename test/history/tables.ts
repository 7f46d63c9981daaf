import type { Client } from 'pg';
import type { Model } from './model';

/** One line for whatever the tables have of an event, and for what the gateway has of its payments. */
const EVERYTHING = `
  SELECT id::text, format('option: allocation %s, sold %s', allocation, sold) AS line FROM ticket_options WHERE event_id = $1
   UNION ALL
  SELECT id::text, format('purchase: %s, %s', quantity, CASE WHEN refunded_at IS NULL THEN 'kept' ELSE 'returned' END)
    FROM purchases WHERE event_id = $1
   UNION ALL
  SELECT id::text, format('reservation: %s, %s, %s', status, floor(extract(epoch FROM expires_at) * 1000), coalesce(payment_id::text, 'unpaid'))
    FROM reservations WHERE event_id = $1
   UNION ALL
  SELECT id::text, format('payment: %s, %s cents, %s refunded, %s', status, amount_cents, refunded_cents, coalesce(failure_code, 'well'))
    FROM payments WHERE event_id = $1
   UNION ALL
  SELECT id::text, format('refund: %s cents, %s', amount_cents, CASE WHEN done_at IS NULL THEN 'begun' ELSE 'done' END)
    FROM refunds WHERE event_id = $1
   UNION ALL
  SELECT g.key::text, format('charge: %s cents, %s refunded', g.amount_cents, g.refunded_cents)
    FROM gateway_charges AS g JOIN payments AS p ON p.id = g.key WHERE p.event_id = $1 AND NOT g.voided`;

/** @returns what the tables have in the end and the model has not, and the other way round. */
export async function differencesFrom(model: Model, client: Client, event: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string; line: string }>(EVERYTHING, [event]);
  const table = new Set(rows.map(({ id, line }) => `${id} ${line}`));
  const expected = new Set(linesOf(model));
  return [
    ...[...table].filter((line) => !expected.has(line)).map((line) => `only in the tables: ${line}`),
    ...[...expected].filter((line) => !table.has(line)).map((line) => `not in the tables: ${line}`),
  ];
}

function linesOf({ options, purchases, reservations, till }: Model): string[] {
  const charges = [...till.charges].filter(([, { isCalledOff }]) => !isCalledOff);
  return [
    ...[...options].map(
      ([id, { allocation, sold }]) => `${id} option: allocation ${allocation}, sold ${sold}`,
    ),
    ...[...purchases.values()].map(
      ({ id, items: [item], isReturned }) =>
        `${id} purchase: ${item?.quantity ?? 0}, ${isReturned ? 'returned' : 'kept'}`,
    ),
    ...[...reservations].map(
      ([id, { status, untilMs, payment }]) =>
        `${id} reservation: ${status}, ${untilMs}, ${payment ?? 'unpaid'}`,
    ),
    ...[...till.payments].map(
      ([id, { status, cents, refundedCents, code }]) =>
        `${id} payment: ${status}, ${cents} cents, ${refundedCents} refunded, ${code ?? 'well'}`,
    ),
    ...[...till.refunds].map(
      ([id, { cents, isDone }]) => `${id} refund: ${cents} cents, ${isDone ? 'done' : 'begun'}`,
    ),
    // The gateway gives back what the payment says, and no more.
    ...charges.map(
      ([id, { cents }]) =>
        `${id} charge: ${cents} cents, ${till.payments.get(id)?.refundedCents ?? 0} refunded`,
    ),
  ];
}
