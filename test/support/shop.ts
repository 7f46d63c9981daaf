import { Agent, request } from 'node:http';
import { checkContract } from './contract';

/** What came back: the status and the parsed body; status 0 when the connection ended without an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AnswerBody;
  /** When the request was sent and when its answer was there, in milliseconds. */
  readonly sentMs: number;
  readonly answeredMs: number;
}

export interface Problem {
  readonly code: string;
  readonly status: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly source?: { readonly pointer?: string };
}

interface Resource {
  readonly type: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly relationships?: Readonly<Record<string, { readonly data?: { readonly id: string } | null }>>;
}

interface AnswerBody {
  readonly data?: Resource;
  readonly included?: readonly Resource[];
  readonly errors?: readonly Problem[];
  /** That of a plain contract. */
  readonly error?: { readonly code: string };
}

/** A quantity of one ticket option. */
export interface Wish {
  readonly option: string;
  readonly quantity: number;
}

let users = 0;

/** A UUID for a user nobody has seen before in this process. */
export function newUser(): string {
  users += 1;
  return `00000000-0000-4000-8000-${users.toString(16).padStart(12, '0')}`;
}

/** @returns what was refused first, or the status of a success. */
export function codeOf({ status, body }: Answer): string {
  return body.errors?.[0]?.code ?? String(status);
}

/** Many clients of one service, each request on a connection of its own when all others are busy. */
export class Shop {
  private readonly agent = new Agent({ keepAlive: true });

  /**
   * @param now the clock that the times of requests and answers are taken by
   * @param isBroken whether its answers may be of a kind that the description does not have, since its guard is taken out
   */
  constructor(
    private readonly url: string,
    private readonly now: () => number = Date.now,
    private readonly isBroken = false,
  ) {}

  /** Creates an event. @returns its id */
  async announce(attributes: Record<string, unknown> = {}): Promise<string> {
    const starting = { name: 'Race', starts_at: '2031-05-01T19:30:00Z', ...attributes };
    return idOf(await this.send('POST', '/events', { data: { type: 'events', attributes: starting } }));
  }

  /** Creates a ticket option, for an event if one is given. @returns its id */
  async offer(attributes: { allocation: number } & Record<string, unknown>, event?: string): Promise<string> {
    const answer = await this.send('POST', '/ticket_options', {
      data: {
        type: 'ticket_options',
        attributes: { name: 'Race', ...attributes },
        ...(event !== undefined && { relationships: { event: { data: { type: 'events', id: event } } } }),
      },
    });
    return idOf(answer);
  }

  /** @param key that of the request, so that it has its effect once */
  buy(option: string, quantity: number, user = newUser(), key?: string): Promise<Answer> {
    const document = {
      data: {
        type: 'purchases',
        attributes: { quantity },
        relationships: { ticket_option: toOne('ticket_options', option), user: toOne('users', user) },
      },
    };
    return this.send('POST', '/purchases', document, key === undefined ? {} : { 'idempotency-key': key });
  }

  /** Reserves tickets of one option, in the shape of a purchase. */
  reserve(option: string, quantity: number, user = newUser()): Promise<Answer> {
    return this.send('POST', '/reservations', {
      data: {
        type: 'reservations',
        attributes: { quantity },
        relationships: { ticket_option: toOne('ticket_options', option), user: toOne('users', user) },
      },
    });
  }

  /** Reserves tickets of several options of one event. */
  reserveAll(wishes: readonly Wish[], user = newUser()): Promise<Answer> {
    const data = wishes.map(({ option, quantity }) => ({
      type: 'ticket_options',
      id: option,
      meta: { quantity },
    }));
    return this.send('POST', '/reservations', {
      data: {
        type: 'reservations',
        relationships: { ticket_options: { data }, user: toOne('users', user) },
      },
    });
  }

  /** Extends a reservation. */
  extend(id: string, until: Date): Promise<Answer> {
    return this.send('PATCH', `/reservations/${id}`, {
      data: { type: 'reservations', id, attributes: { expires_at: until.toISOString() } },
    });
  }

  /** Cancels a reservation. */
  cancel(id: string): Promise<Answer> {
    return this.send('DELETE', `/reservations/${id}`);
  }

  /** Pays a reservation; without a token, or in another currency than euros, if that is asked for. */
  pay(reservation: string, attributes: Record<string, unknown> = { token: 'tok_visa' }): Promise<Answer> {
    return this.send('POST', '/payments', {
      data: {
        type: 'payments',
        attributes,
        relationships: { reservation: toOne('reservations', reservation) },
      },
    });
  }

  /** Gives a purchase back. */
  refund(purchase: string): Promise<Answer> {
    return this.send('DELETE', `/purchases/${purchase}`);
  }

  /** Changes a ticket option as its organiser. @param onlyIf the entity tag that it must still have */
  change(option: string, attributes: Record<string, unknown>, onlyIf?: string): Promise<Answer> {
    const document = { data: { type: 'ticket_options', id: option, attributes } };
    const headers: Record<string, string> = onlyIf === undefined ? {} : { 'if-match': onlyIf };
    return this.send('PATCH', `/ticket_options/${option}`, document, headers);
  }

  /** Changes an event as its organiser. */
  changeEvent(event: string, attributes: Record<string, unknown>): Promise<Answer> {
    return this.send('PATCH', `/events/${event}`, { data: { type: 'events', id: event, attributes } });
  }

  /** Deletes a ticket option as its organiser. */
  remove(option: string): Promise<Answer> {
    return this.send('DELETE', `/ticket_options/${option}`);
  }

  /** Sends a body of one of the plain contracts. */
  postPlain(path: string, body: object): Promise<Answer> {
    return this.send('POST', path, body, { 'content-type': 'application/json' });
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  close(): void {
    this.agent.destroy();
  }

  private send(
    method: string,
    path: string,
    document?: object,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sentMs = this.now();
      const end = (status: number, headers: Answer['headers'] = {}, body: AnswerBody = {}): void => {
        resolve({ status, headers, body, sentMs, answeredMs: this.now() });
      };
      const headers = {
        ...(document !== undefined && { 'content-type': 'application/vnd.api+json' }),
        ...more,
      };
      const sent = request(new URL(path, this.url), { method, agent: this.agent, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', () => {
          end(0);
        });
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          try {
            if (!this.isBroken) checkContract({ status, headers: response.headers, text }, { method, path });
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
            return;
          }
          end(status, response.headers, text === '' ? {} : (JSON.parse(text) as AnswerBody));
        });
      });
      sent.on('error', () => {
        end(0);
      });
      sent.end(document && JSON.stringify(document));
    });
  }
}

function toOne(type: string, id: string): object {
  return { data: { type, id } };
}

function idOf({ status, body }: Answer): string {
  if (status !== 201 || body.data === undefined)
    throw new Error(`not created: ${status} ${JSON.stringify(body)}`);
  return body.data.id;
}
