import { randomUUID } from 'node:crypto';

const JSON_API = 'application/vnd.api+json';

export function event(): object {
  return { data: { type: 'events', attributes: { name: 'Hot', starts_at: '2030-01-01T20:00:00Z' } } };
}

/** What a ticket option may be created with, beside its name. */
interface OptionTerms {
  readonly allocation: number;
  readonly max_per_user?: number;
  readonly price_cents?: number;
}

/** @param eventId absent for an event of its own */
export function ticketOption(terms: OptionTerms, eventId?: string): object {
  const relationships = { event: { data: { type: 'events', id: eventId } } };
  const attributes = { name: 'Hot', ...terms };
  return { data: { type: 'ticket_options', attributes, ...(eventId !== undefined && { relationships }) } };
}

/** @param userId `DISTINCT_ID` for a different one in every request of a load. */
export function purchase(ticketOptionId: string, userId: string = randomUUID()): object {
  return one('purchases', ticketOptionId, userId);
}

export function reservation(ticketOptionId: string, userId: string = randomUUID()): object {
  return one('reservations', ticketOptionId, userId);
}

/** @param reservationId `DISTINCT_ID` for another one in every request of a load. */
export function payment(reservationId: string): object {
  const relationships = { reservation: { data: { type: 'reservations', id: reservationId } } };
  return { data: { type: 'payments', attributes: { token: 'tok_visa' }, relationships } };
}

export function reservationOfSeveral(
  ticketOptionIds: readonly string[],
  userId: string = randomUUID(),
): object {
  const data = ticketOptionIds.map((id) => ({ type: 'ticket_options', id, meta: { quantity: 1 } }));
  return {
    data: { type: 'reservations', relationships: { ticket_options: { data }, user: user(userId) } },
  };
}

function one(type: string, ticketOptionId: string, userId: string): object {
  return {
    data: {
      type,
      attributes: { quantity: 1 },
      relationships: {
        ticket_option: { data: { type: 'ticket_options', id: ticketOptionId } },
        user: user(userId),
      },
    },
  };
}

function user(id: string): object {
  return { data: { type: 'users', id } };
}

/** Sends one document that must be accepted. @returns the answer as it came, and the id in it. */
export async function send(
  port: number,
  path: string,
  document: object,
): Promise<{ id: string; text: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': JSON_API, accept: JSON_API },
    body: JSON.stringify(document),
  });
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status}: ${text}`);
  const { data } = JSON.parse(text) as { data: { id: string } };
  return { id: data.id, text };
}

/** @returns the document at a path, which must be there. */
export async function get(port: number, path: string): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
