import { Injectable } from '@nestjs/common';
import { Connections, decisive } from '../database/connections';
import { arrayOf, query, queryOne, statement } from '../database/sql';

interface ChargeRow {
  key: string;
  amount_cents: string;
  currency: string;
  voided: boolean;
}

/**
 * Each key once, sorted, so that two processes with the same keys wait for each other and do not deadlock. What is
 * there already is written anew as it is, which waits for its writer and answers it; it is rare. Parameters: keys, amounts.
 */
export const insertCharges = statement<ChargeRow>(
  'gateway_insert_charges',
  `INSERT INTO gateway_charges AS g (key, amount_cents, currency, voided)
   SELECT c.key, c.amount_cents, 'EUR', false FROM unnest($1::uuid[], $2::bigint[]) AS c (key, amount_cents)
   ON CONFLICT (key) DO UPDATE SET key = excluded.key
   RETURNING g.key, g.amount_cents, g.currency, g.voided`,
);

/** A charge that is being written at the same moment is waited for. Parameter: key. */
export const insertVoid = statement<ChargeRow>(
  'gateway_insert_void',
  `INSERT INTO gateway_charges AS g (key, amount_cents, currency, voided) VALUES ($1, 0, 'EUR', true)
   ON CONFLICT (key) DO UPDATE SET key = excluded.key
   RETURNING g.key, g.amount_cents, g.currency, g.voided`,
);

export const findCharges = statement<ChargeRow>(
  'gateway_find_charges',
  'SELECT key, amount_cents, currency, voided FROM gateway_charges WHERE key = ANY ($1::uuid[])',
);

/**
 * Writes a refund and counts it, once. A constraint of the table refuses more than was charged. Answers nothing when
 * there is no such charge. Parameters: key of the charge, key of the refund, amount.
 */
export const insertRefund = statement<{ key: string }>(
  'gateway_insert_refund',
  `WITH charge AS (
     SELECT key FROM gateway_charges WHERE key = $1 AND NOT voided
   ), made AS (
     INSERT INTO gateway_refunds (key, charge_key, amount_cents)
     SELECT $2, charge.key, $3 FROM charge
     ON CONFLICT (key) DO NOTHING
     RETURNING charge_key, amount_cents
   ), counted AS (
     UPDATE gateway_charges AS g SET refunded_cents = g.refunded_cents + made.amount_cents
       FROM made WHERE g.key = made.charge_key
   )
   SELECT key FROM charge`,
);

/** What the gateway knows of a key: a charge, or that there will never be one. */
export interface Remembered {
  readonly key: string;
  readonly amountCents: bigint;
  readonly currency: string;
  readonly voided: boolean;
}

/**
 * The memory of the simulated gateway. It is in the database so that it outlives the process and is one for all
 * instances, as that of a real gateway is; it knows nothing of reservations and events.
 */
@Injectable()
export class SimulatedGatewayRepository {
  constructor(private readonly connections: Connections) {}

  /** @returns for each key what there is now: the new charge, or what there was before. */
  async charge(charges: readonly { key: string; amountCents: bigint }[]): Promise<Remembered[]> {
    const sorted = [...charges].sort((a, b) => (a.key < b.key ? -1 : 1));
    const keys = arrayOf(sorted.map(({ key }) => key));
    const amounts = arrayOf(sorted.map(({ amountCents }) => String(amountCents)));
    const rows = await this.connections.answer((client) =>
      decisive(client, () => query(client, insertCharges, [keys, amounts])),
    );
    return rows.map(toRemembered);
  }

  /** @returns what there is now. */
  async void(key: string): Promise<Remembered | undefined> {
    const row = await this.connections.answer((client) =>
      decisive(client, () => queryOne(client, insertVoid, [key])),
    );
    return row && toRemembered(row);
  }

  /** @returns what there is of the keys. */
  async find(keys: readonly string[]): Promise<Remembered[]> {
    const rows = await this.connections.answer((client) => query(client, findCharges, [arrayOf(keys)]));
    return rows.map(toRemembered);
  }

  /** @returns whether there is such a charge. */
  async refund(key: string, refundKey: string, amountCents: bigint): Promise<boolean> {
    const row = await this.connections.answer((client) =>
      decisive(client, () => queryOne(client, insertRefund, [key, refundKey, String(amountCents)])),
    );
    return row !== undefined;
  }
}

function toRemembered({ key, amount_cents, currency, voided }: ChargeRow): Remembered {
  return { key, amountCents: BigInt(amount_cents), currency, voided };
}
