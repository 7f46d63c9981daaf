import type { PoolClient } from 'pg';
import { arrayOf, query, statement } from '../database/sql';
import { assertion, guarded } from './guard';
import type { Changed, Changes } from './ledger';
import type { PaymentState } from './orders';

/* Payments, what they buy and what goes back of it. Each changes only from the very state that was decided on. */

/** Parameters: event; ids, reservations, statuses, amounts, when they were made, when to look at them again. */
export const insertPayments = statement(
  'insert_payments',
  `INSERT INTO payments (id, event_id, reservation_id, status, amount_cents, created_at, check_at)
   SELECT p.id, $1, p.reservation_id, p.status, p.amount_cents, p.created_at, p.check_at
     FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::timestamptz[], $7::timestamptz[])
       AS p (id, reservation_id, status, amount_cents, created_at, check_at)`,
);

/**
 * All that change in the same way, so that nothing has to be joined. Parameters: event; ids; status and refunded amount as
 * they were; the same as they shall be; failure, when to look again.
 */
export const updatePayments = statement(
  'update_payments',
  `WITH changed AS (
     UPDATE payments
        SET status = $5, refunded_cents = $6::bigint, failure_code = $7, check_at = $8::timestamptz
      WHERE id = ANY ($2::uuid[]) AND event_id = $1 AND status = $3 AND refunded_cents = $4::bigint
     RETURNING id)
   SELECT ${assertion('(SELECT count(*) FROM changed) = cardinality($2::uuid[])')}`,
);

/** What reservations have become. Parameters: event; ids, options, users, quantities, unit prices, reservations, payments; when. */
export const insertPurchases = statement(
  'insert_paid_purchases',
  `INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at,
                          reservation_id, payment_id)
   SELECT p.id, $1, p.ticket_option_id, p.user_id, p.quantity, p.unit_price_cents, $9::timestamptz,
          p.reservation_id, p.payment_id
     FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::integer[], $7::uuid[], $8::uuid[])
       AS p (id, ticket_option_id, user_id, quantity, unit_price_cents, reservation_id, payment_id)`,
);

/** Parameters: event; purchases; when. */
export const refundPurchases = statement(
  'refund_purchases',
  `WITH refunded AS (
     UPDATE purchases SET refunded_at = $3::timestamptz
      WHERE id = ANY ($2::uuid[]) AND event_id = $1 AND refunded_at IS NULL
     RETURNING id)
   SELECT ${assertion('(SELECT count(*) FROM refunded) = cardinality($2::uuid[])')}`,
);

/** Parameters: event; ids, payments, purchases, amounts, when they are done, when to look at them again; when they begin. */
export const insertRefunds = statement(
  'insert_refunds',
  `INSERT INTO refunds (id, event_id, payment_id, purchase_id, amount_cents, done_at, check_at, created_at)
   SELECT r.id, $1, r.payment_id, r.purchase_id, r.amount_cents, r.done_at, r.check_at, $8::timestamptz
     FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::timestamptz[], $7::timestamptz[])
       AS r (id, payment_id, purchase_id, amount_cents, done_at, check_at)`,
);

/** Parameters: event; refunds; when. */
export const finishRefunds = statement(
  'finish_refunds',
  `WITH done AS (
     UPDATE refunds SET done_at = $3::timestamptz, check_at = NULL
      WHERE id = ANY ($2::uuid[]) AND event_id = $1 AND done_at IS NULL
     RETURNING id)
   SELECT ${assertion('(SELECT count(*) FROM done) = cardinality($2::uuid[])')}`,
);

/**
 * Sends what was decided of payments and refunds, as far as there is any. Not an async function, like `write`.
 *
 * @returns statements that throw GuardError when not all of it could be written
 */
export function writePayments(
  client: PoolClient,
  eventId: string,
  now: Date,
  changes: Changes,
): Promise<unknown>[] {
  const { bought, refunded } = changes;
  const statements: Promise<unknown>[] = [];
  if (changes.payments.size > 0) statements.push(...writeThose(client, eventId, changes.payments));
  if (bought.length > 0) {
    const values = [
      arrayOf(bought.map(({ id }) => id)),
      arrayOf(bought.map(({ ticketOptionId }) => ticketOptionId)),
      arrayOf(bought.map(({ userId }) => userId)),
      arrayOf(bought.map(({ quantity }) => quantity)),
      arrayOf(bought.map(({ unitPriceCents }) => unitPriceCents)),
      arrayOf(bought.map(({ reservationId }) => reservationId ?? 'NULL')),
      arrayOf(bought.map(({ paymentId }) => paymentId ?? 'NULL')),
    ];
    statements.push(query(client, insertPurchases, [eventId, ...values, now]));
  }
  if (refunded.length > 0) {
    const ids = arrayOf(refunded.map(({ id }) => id));
    statements.push(guarded(query(client, refundPurchases, [eventId, ids, now])));
  }
  if (changes.refunds.size > 0) statements.push(...writeRefunds(client, eventId, now, changes.refunds));
  return statements;
}

function writeThose(client: PoolClient, eventId: string, payments: Changes['payments']): Promise<unknown>[] {
  const statements: Promise<unknown>[] = [];
  const made = [...payments.values()].filter(({ before }) => before === undefined);
  const changed = [...payments.values()].flatMap((change) =>
    change.before === undefined ? [] : [{ ...change, before: change.before }],
  );
  if (made.length > 0) {
    const values = [
      arrayOf(made.map(({ after }) => after.id)),
      arrayOf(made.map(({ after }) => after.reservationId)),
      arrayOf(made.map(({ after }) => after.status)),
      arrayOf(made.map(({ after }) => after.amountCents)),
      arrayOf(made.map(({ after }) => after.createdAt.toISOString())),
      arrayOf(made.map(({ checkAt }) => checkAt?.toISOString() ?? 'NULL')),
    ];
    statements.push(query(client, insertPayments, [eventId, ...values]));
  }
  for (const alike of groupsOf(changed)) {
    const [{ before, after, checkAt }] = alike;
    const ids = arrayOf(alike.map((each) => each.after.id));
    const was = [before.status, String(before.refundedCents)];
    const is = [after.status, String(after.refundedCents), after.failureCode, checkAt];
    statements.push(guarded(query(client, updatePayments, [eventId, ids, ...was, ...is])));
  }
  return statements;
}

interface PaymentChange extends Changed<PaymentState> {
  readonly checkAt: Date | null;
}

/** @returns those that change in the same way together; mostly that is all of them. */
function groupsOf(changes: readonly PaymentChange[]): [PaymentChange, ...PaymentChange[]][] {
  const groups = new Map<string, [PaymentChange, ...PaymentChange[]]>();
  for (const change of changes) {
    const { before, after, checkAt } = change;
    const key = [
      before.status,
      before.refundedCents,
      after.status,
      after.refundedCents,
      after.failureCode,
      checkAt?.getTime(),
    ].join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return [...groups.values()];
}

function writeRefunds(
  client: PoolClient,
  eventId: string,
  now: Date,
  refunds: Changes['refunds'],
): Promise<unknown>[] {
  const statements: Promise<unknown>[] = [];
  const begun = [...refunds.values()].filter(({ before }) => before === undefined);
  const done = [...refunds.values()].filter(({ before }) => before !== undefined);
  if (begun.length > 0) {
    const values = [
      arrayOf(begun.map(({ after }) => after.id)),
      arrayOf(begun.map(({ after }) => after.paymentId ?? 'NULL')),
      arrayOf(begun.map(({ after }) => after.purchaseId ?? 'NULL')),
      arrayOf(begun.map(({ after }) => after.amountCents)),
      arrayOf(begun.map(({ after }) => after.doneAt?.toISOString() ?? 'NULL')),
      arrayOf(begun.map(({ checkAt }) => checkAt?.toISOString() ?? 'NULL')),
    ];
    statements.push(query(client, insertRefunds, [eventId, ...values, now]));
  }
  if (done.length > 0) {
    const ids = arrayOf(done.map(({ after }) => after.id));
    statements.push(guarded(query(client, finishRefunds, [eventId, ids, now])));
  }
  return statements;
}
