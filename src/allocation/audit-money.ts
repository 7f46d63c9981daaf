/* What of the books is about money: payments, refunds and the statistics, against the rows that they follow from. */

/** Where a payment stands, what was bought with it and what went back of it belong together. */
export const PAYMENTS = `
  WITH bought AS MATERIALIZED (
    SELECT payment_id, event_id, sum(quantity::bigint * unit_price_cents) AS cents, count(*) AS purchases
      FROM purchases WHERE payment_id IS NOT NULL GROUP BY 1, 2
  ), back AS MATERIALIZED (
    SELECT payment_id, event_id, sum(amount_cents) FILTER (WHERE done_at IS NOT NULL) AS cents,
           count(*) FILTER (WHERE purchase_id IS NULL) AS whole
      FROM refunds WHERE payment_id IS NOT NULL GROUP BY 1, 2)
  SELECT p.id,
         format('payment %s is %s with %s cents, %s of them refunded; but %s were spent and %s refunded',
                p.id, p.status, p.amount_cents, p.refunded_cents, coalesce(bought.cents, 0), coalesce(back.cents, 0)) AS sentence
    FROM payments AS p
    LEFT JOIN bought ON bought.payment_id = p.id AND bought.event_id = p.event_id
    LEFT JOIN back ON back.payment_id = p.id AND back.event_id = p.event_id
   WHERE p.refunded_cents <> coalesce(back.cents, 0)
      OR CASE
           WHEN p.status IN ('pending', 'failed') THEN bought.payment_id IS NOT NULL OR back.payment_id IS NOT NULL
           WHEN coalesce(back.whole, 0) > 0 THEN bought.payment_id IS NOT NULL OR p.status NOT IN ('refunding', 'refunded')
           WHEN p.status = 'succeeded' THEN p.refunded_cents <> 0 OR bought.cents IS DISTINCT FROM p.amount_cents
           WHEN p.status = 'partially_refunded'
             THEN bought.cents IS DISTINCT FROM p.amount_cents OR p.refunded_cents NOT BETWEEN 1 AND p.amount_cents - 1
           WHEN p.status = 'refunded'
             THEN bought.cents IS DISTINCT FROM p.amount_cents OR p.refunded_cents <> p.amount_cents
           ELSE true
         END
   UNION ALL
  SELECT b.payment_id, format('purchases were made with payment %s, which does not exist', b.payment_id)
    FROM bought AS b
   WHERE NOT EXISTS (SELECT FROM payments AS p WHERE p.id = b.payment_id AND p.event_id = b.event_id)
   UNION ALL
  SELECT b.payment_id, format('payment %s is refunded, but does not exist', b.payment_id)
    FROM back AS b
   WHERE NOT EXISTS (SELECT FROM payments AS p WHERE p.id = b.payment_id AND p.event_id = b.event_id)`;

/**
 * A reservation that is being paid waits for a payment; a paid one has become purchases of exactly what it held. One
 * statement for each direction: together they would take five times as long, in one snapshot.
 */
export const PAID = [
  `
  SELECT r.id, format('reservation %s is being paid, but its payment is not pending', r.id) AS sentence
    FROM reservations AS r
   WHERE r.status = 'paying'
     AND NOT EXISTS (SELECT FROM payments AS p
                      WHERE p.id = r.payment_id AND p.event_id = r.event_id AND p.reservation_id = r.id AND p.status = 'pending')`,
  `
  SELECT p.id, format('payment %s is pending, but reservation %s does not wait for it', p.id, p.reservation_id) AS sentence
    FROM payments AS p
   WHERE p.status = 'pending'
     AND NOT EXISTS (SELECT FROM reservations AS r
                      WHERE r.id = p.reservation_id AND r.event_id = p.event_id AND r.payment_id = p.id AND r.status = 'paying')`,
  `
  SELECT r.id, format('reservation %s is paid, but did not become purchases of what it held', r.id) AS sentence
    FROM reservations AS r
   WHERE r.status = 'paid'
     AND EXISTS (SELECT FROM unnest(r.purchase_ids, r.ticket_option_ids, r.quantities, r.unit_prices_cents)
                          AS item (purchase_id, ticket_option_id, quantity, unit_price_cents)
                  WHERE NOT EXISTS (
                        SELECT FROM purchases AS p
                         WHERE p.id = item.purchase_id AND p.event_id = r.event_id AND p.user_id = r.user_id
                           AND p.ticket_option_id = item.ticket_option_id AND p.quantity = item.quantity
                           AND p.unit_price_cents = item.unit_price_cents
                           AND p.reservation_id = r.id AND p.payment_id = r.payment_id))`,
  `
  SELECT p.id, format('purchase %s was made by reservation %s, which does not know it', p.id, p.reservation_id) AS sentence
    FROM purchases AS p
   WHERE p.reservation_id IS NOT NULL
     AND NOT EXISTS (SELECT FROM reservations AS r
                      WHERE r.id = p.reservation_id AND r.event_id = p.event_id AND p.id = ANY (r.purchase_ids))`,
  `
  SELECT p.id, format('purchase %s is refunded, or its refund is done, but not both', p.id) AS sentence
    FROM purchases AS p
    LEFT JOIN refunds AS r ON r.purchase_id = p.id AND r.event_id = p.event_id
   WHERE (p.refunded_at IS NOT NULL) <> (r.done_at IS NOT NULL)`,
] as const;

/** What each event's row of statistics says, against its options and reservations. */
export const COUNTS = `
  WITH options AS (
    SELECT event_id, sum(allocation) AS allocation, sum(reserved) AS reserved, sum(sold) AS sold, sum(revenue_cents) AS revenue_cents
      FROM ticket_options GROUP BY 1
  ), made AS (
    SELECT r.event_id, count(*) AS created, count(*) FILTER (WHERE r.status = 'paid') AS paid,
           count(*) FILTER (WHERE r.status = 'cancelled') AS cancelled,
           count(*) FILTER (WHERE r.status = 'active' AND h.reservation_id IS NULL) AS expired
      FROM reservations AS r
      LEFT JOIN (SELECT DISTINCT reservation_id, event_id FROM holds) AS h
        ON h.reservation_id = r.id AND h.event_id = r.event_id
     GROUP BY 1)
  SELECT e.id,
         format('event %s is counted with %s, but has %s', e.id,
                concat_ws('/', c.allocation, c.reserved, c.sold, c.revenue_cents, c.reservations_created,
                          c.reservations_paid, c.reservations_cancelled, c.reservations_expired),
                concat_ws('/', o.allocation, o.reserved, o.sold, o.revenue_cents, m.created, m.paid, m.cancelled, m.expired)) AS sentence
    FROM events AS e
    FULL JOIN event_counts AS c ON c.event_id = e.id
    LEFT JOIN options AS o ON o.event_id = c.event_id
    LEFT JOIN made AS m ON m.event_id = c.event_id
   WHERE (c.allocation, c.reserved, c.sold, c.revenue_cents) IS DISTINCT FROM
         (coalesce(o.allocation, 0), coalesce(o.reserved, 0), coalesce(o.sold, 0), coalesce(o.revenue_cents, 0))
      OR (c.reservations_created, c.reservations_paid, c.reservations_cancelled, c.reservations_expired) IS DISTINCT FROM
         (coalesce(m.created, 0), coalesce(m.paid, 0), coalesce(m.cancelled, 0), coalesce(m.expired, 0))
      OR e.id IS NULL`;

/** What was taken in for each option, and sold in each interval, against the purchases; these are added up by the minute first, which for a million of one event takes 0.5 to 0.6 s and not 2.0 to 2.1. */
export const SALES = `
  WITH sold AS MATERIALIZED (
    SELECT event_id, ticket_option_id, date_trunc('minute', created_at, 'UTC') AS minute,
           sum(quantity) AS quantity, sum(quantity::bigint * unit_price_cents) AS cents
      FROM purchases WHERE refunded_at IS NULL GROUP BY 1, 2, 3)
  SELECT o.id, format('ticket option %s took in %s cents, but its purchases cost %s', o.id, o.revenue_cents, coalesce(s.cents, 0)) AS sentence
    FROM ticket_options AS o
    LEFT JOIN (SELECT ticket_option_id, event_id, sum(cents) AS cents FROM sold GROUP BY 1, 2) AS s
      ON s.ticket_option_id = o.id AND s.event_id = o.event_id
   WHERE o.revenue_cents <> coalesce(s.cents, 0)
   UNION ALL
  SELECT coalesce(had.event_id, c.event_id),
         format('event %s sold %s for %s cents in %s minutes from %s, but is counted with %s for %s',
                coalesce(had.event_id, c.event_id), coalesce(had.sold, 0), coalesce(had.cents, 0),
                coalesce(had.minutes, c.minutes), coalesce(had.starts_at, c.starts_at), coalesce(c.sold, 0), coalesce(c.revenue_cents, 0))
    FROM (SELECT s.event_id, span.minutes, date_trunc(span.unit, s.minute, 'UTC') AS starts_at,
                 sum(s.quantity) AS sold, sum(s.cents) AS cents
            FROM sold AS s, (VALUES (1, 'minute'), (60, 'hour'), (1440, 'day')) AS span (minutes, unit)
           GROUP BY 1, 2, 3) AS had
    FULL JOIN sales AS c
      ON c.event_id = had.event_id AND c.minutes = had.minutes AND c.starts_at = had.starts_at
   WHERE coalesce(had.sold, 0) <> coalesce(c.sold, 0) OR coalesce(had.cents, 0) <> coalesce(c.revenue_cents, 0)`;

/** What is added up over all events, which is every interval that is folded and no other, against the events' own rows. */
export const TOTALS = `
  SELECT format('%s minutes from %s', minutes, starts_at) AS id,
         format('in %s minutes from %s, %s were sold for %s cents, but added up are %s for %s', minutes, starts_at,
                coalesce(had.sold, 0), coalesce(had.cents, 0), coalesce(t.sold, 0), coalesce(t.revenue_cents, 0)) AS sentence
    FROM (SELECT s.minutes, s.starts_at, sum(s.sold) AS sold, sum(s.revenue_cents) AS cents
            FROM sales AS s JOIN sales_folds AS f ON f.minutes = s.minutes AND s.starts_at < f.until
           GROUP BY 1, 2) AS had
    FULL JOIN sales_totals AS t USING (minutes, starts_at)
   WHERE (had.sold, had.cents) IS DISTINCT FROM (t.sold, t.revenue_cents)`;
