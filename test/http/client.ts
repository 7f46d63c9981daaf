import { type TestApp } from '../support/app';
import { change, event, reservation, reservationOfSeveral, ticketOption } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { type Answer, ask, dataOf, itemsOf, json } from './wire';

/** Sends requests to one service; every answer is checked by the rules for documents. */
export class Client {
  constructor(readonly app: Pick<TestApp, 'port'>) {}

  get(path: string): Promise<Answer> {
    return ask(this.app, { method: 'GET', path });
  }

  post(path: string, document: unknown): Promise<Answer> {
    return ask(this.app, { method: 'POST', path, body: json(document) });
  }

  patch(path: string, document: unknown): Promise<Answer> {
    return ask(this.app, { method: 'PATCH', path, body: json(document) });
  }

  remove(path: string): Promise<Answer> {
    return ask(this.app, { method: 'DELETE', path });
  }

  /** @returns the resource at an address. */
  async read(path: string): Promise<ResourceObject> {
    return dataOf(await this.get(path));
  }

  /** @returns the resources of one page. */
  async list(path: string): Promise<ResourceObject[]> {
    return itemsOf(await this.get(path));
  }

  /** @returns the ids of one page. */
  async ids(path: string): Promise<string[]> {
    return (await this.list(path)).map(({ id }) => id);
  }

  async event(attributes: Record<string, unknown> = {}): Promise<ResourceObject> {
    return dataOf(await this.post('/events', event(attributes)));
  }

  async option(attributes: Record<string, unknown> = {}, of?: string): Promise<ResourceObject> {
    return dataOf(await this.post('/ticket_options', ticketOption(attributes, of)));
  }

  /** Reserves tickets of one option. */
  async reserve(ticketOption: string, quantity = 1, user?: string): Promise<ResourceObject> {
    const document = reservation({ ticketOption, quantity, ...(user !== undefined && { user }) });
    return dataOf(await this.post('/reservations', document));
  }

  /** Reserves tickets of several options of one event. */
  async reserveSeveral(
    ticketOptions: readonly (readonly [id: string, quantity: number])[],
    user?: string,
  ): Promise<ResourceObject> {
    const document = reservationOfSeveral({ ticketOptions, ...(user !== undefined && { user }) });
    return dataOf(await this.post('/reservations', document));
  }

  /** Changes attributes of a resource. */
  change({ type, id, links }: ResourceObject, attributes: Record<string, unknown>): Promise<Answer> {
    return this.patch(links.self, change(type, id, attributes));
  }

  /** @returns two options of a new event. */
  async twoOptions(attributes: Record<string, unknown> = {}, of: Record<string, unknown> = {}) {
    const { id } = await this.event(of);
    return [await this.option(attributes, id), await this.option(attributes, id)] as const;
  }
}

/** Lets the time of a reservation be over. */
export async function runOut(
  { database }: Pick<TestApp, 'database'>,
  { id }: Pick<ResourceObject, 'id'>,
): Promise<void> {
  await database.query(
    `UPDATE reservations SET created_at = created_at - interval '1 h', expires_at = now() WHERE id = $1`,
    [id],
  );
  await database.query('UPDATE holds SET expires_at = now() WHERE reservation_id = $1', [id]);
}
