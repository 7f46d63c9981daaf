import { randomUUID } from 'node:crypto';

const JSON_API = 'application/vnd.api+json';

export function ticketOption(allocation: number): object {
  return { data: { type: 'ticket_options', attributes: { name: 'Hot', allocation } } };
}

/** @param userId `DISTINCT_ID` for a different one in every request of a load. */
export function purchase(ticketOptionId: string, userId: string = randomUUID()): object {
  return {
    data: {
      type: 'purchases',
      attributes: { quantity: 1 },
      relationships: {
        ticket_option: { data: { type: 'ticket_options', id: ticketOptionId } },
        user: { data: { type: 'users', id: userId } },
      },
    },
  };
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
