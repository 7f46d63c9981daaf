import type { Client } from 'pg';

/** What there is of one option, counted from the rows: nothing is taken from a counter but the allocation. */
interface CountedOption {
  readonly event: string;
  /** In lower case. */
  readonly kind: string | null;
  readonly allocation: number;
  readonly reserved: number;
  readonly sold: number;
  readonly cents: number;
}

/** What became of the reservations of one event. */
interface CountedEvent {
  readonly event: string;
  readonly created: number;
  readonly paid: number;
  readonly cancelled: number;
  readonly expired: number;
}

/** A purchase that was not given back. */
interface CountedSale {
  readonly event: string;
  readonly at: Date;
  readonly quantity: number;
  readonly cents: number;
}

/** Everything that statistics are about, at one instant. */
export interface Counted {
  readonly options: readonly CountedOption[];
  readonly events: readonly CountedEvent[];
  readonly sales: readonly CountedSale[];
  /** Tickets of reservations that are over and were not given back. */
  readonly over: number;
  /** What the gateway has taken, less what it has given back. */
  readonly money: number;
  /** Charges that nothing came of and that were kept all the same. */
  readonly kept: readonly string[];
}

const OPTIONS = `
  SELECT o.event_id AS event, lower(o.kind) AS kind, o.allocation,
         coalesce(held.tickets, 0)::integer AS reserved, coalesce(bought.tickets, 0)::integer AS sold,
         coalesce(bought.cents, 0)::integer AS cents
    FROM ticket_options AS o
    LEFT JOIN (SELECT item.option, sum(item.quantity) AS tickets
                 FROM reservations AS r, unnest(r.ticket_option_ids, r.quantities) AS item (option, quantity)
                WHERE r.status = 'paying' OR r.status = 'active' AND r.expires_at > clock_timestamp()
                GROUP BY 1) AS held ON held.option = o.id
    LEFT JOIN (SELECT ticket_option_id AS option, sum(quantity) AS tickets, sum(quantity * unit_price_cents) AS cents
                 FROM purchases WHERE refunded_at IS NULL
                GROUP BY 1) AS bought ON bought.option = o.id
   ORDER BY o.id`;

const EVENTS = `
  SELECT e.id AS event, count(r.id)::integer AS created,
         (count(*) FILTER (WHERE r.status = 'paid'))::integer AS paid,
         (count(*) FILTER (WHERE r.status = 'cancelled'))::integer AS cancelled,
         (count(*) FILTER (WHERE r.status = 'active' AND r.expires_at <= clock_timestamp()))::integer AS expired
    FROM events AS e LEFT JOIN reservations AS r ON r.event_id = e.id
   GROUP BY 1 ORDER BY 1`;

const SALES = `
  SELECT event_id AS event, created_at AS at, quantity, quantity * unit_price_cents AS cents
    FROM purchases WHERE refunded_at IS NULL ORDER BY id`;

const OVER = `
  SELECT coalesce(sum(quantity), 0)::integer AS over FROM holds WHERE expires_at <= clock_timestamp()`;

const MONEY = `
  SELECT ((SELECT coalesce(sum(amount_cents), 0) FROM gateway_charges WHERE NOT voided)
        - (SELECT coalesce(sum(amount_cents), 0) FROM gateway_refunds))::integer AS money`;

const KEPT = `
  SELECT g.key FROM gateway_charges AS g LEFT JOIN payments AS p ON p.id = g.key
   WHERE NOT g.voided AND (p.status IS NULL OR p.status NOT IN ('succeeded', 'partially_refunded', 'refunded'))`;

/** Counts everything from the rows, by the database's clock. */
export async function countRows(client: Client): Promise<Counted> {
  const { rows: options } = await client.query<CountedOption>(OPTIONS);
  const { rows: events } = await client.query<CountedEvent>(EVENTS);
  const { rows: sales } = await client.query<CountedSale>(SALES);
  const { rows: holds } = await client.query<{ over: number }>(OVER);
  const { rows: gateway } = await client.query<{ money: number }>(MONEY);
  const { rows: kept } = await client.query<{ key: string }>(KEPT);
  const [over, money] = [holds[0]?.over ?? NaN, gateway[0]?.money ?? NaN];
  return { options, events, sales, over, money, kept: kept.map(({ key }) => key) };
}
