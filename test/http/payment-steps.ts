import { audit } from '../../src/allocation/audit';
import type { TestApp } from '../support/app';
import { type RequestDocument, toOne } from '../support/builders';
import type { ErrorObject, ResourceObject } from '../support/json-api-document';
import type { Client } from './client';
import { type Answer, dataOf, errorOf } from './wire';

/** A valid new payment; what is given replaces or joins its attributes. */
export function payment(reservation: string, attributes: Record<string, unknown> = {}): RequestDocument {
  return {
    data: {
      type: 'payments',
      attributes: { token: 'tok_visa', ...attributes },
      relationships: { reservation: toOne('reservations', reservation) },
    },
  };
}

/** Sends a payment. */
export function pay(
  client: Client,
  { id }: Pick<ResourceObject, 'id'>,
  attributes: Record<string, unknown> = {},
): Promise<Answer> {
  return client.post('/payments', payment(id, attributes));
}

/** @returns a reservation of tickets of a new option, by default of two for 50 EUR. */
export async function reserved(
  client: Client,
  attributes: Record<string, unknown> = {},
): Promise<{ option: ResourceObject; reservation: ResourceObject }> {
  const option = await client.option({ price_cents: 2_500, ...attributes });
  return { option, reservation: await client.reserve(option.id, 2) };
}

/** @returns the status of an answer and what it says, as far as tests look at it. */
export function saidBy(answer: Answer): Pick<ErrorObject, 'code' | 'source'> & { status: number } {
  const { code, source } = errorOf(answer);
  return { status: answer.status, code, ...(source !== undefined && { source }) };
}

/** @returns the attempt that a refusal names. */
export async function attemptOf(client: Client, answer: Answer): Promise<ResourceObject> {
  return client.read(`/payments/${String(errorOf(answer).meta?.['payment_id'])}`);
}

/** @returns the attributes of a resource as it stands now. */
export async function now(client: Client, { links }: ResourceObject): Promise<Record<string, unknown>> {
  return { ...dataOf(await client.get(links.self)).attributes };
}

/** Everything that the gateway has charged and given back, and its keys. */
export async function moneyOf({ database }: Pick<TestApp, 'database'>): Promise<unknown[]> {
  const { rows } = await database.query<Record<string, unknown>>(
    'SELECT key, amount_cents::integer AS charged, refunded_cents::integer AS refunded, voided FROM gateway_charges ORDER BY key',
  );
  return rows;
}

/** Counts everything again. @throws when the books are wrong */
export async function expectRightBooks({ database }: Pick<TestApp, 'database'>): Promise<void> {
  expect(await audit(database)).toEqual([]);
}
