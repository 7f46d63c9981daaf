import { Agent, request } from 'node:http';
import type { Answer, Wish } from './told';

/** A request, made of a wish. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly document?: object;
}

/** Nobody waits longer; longer than the service lets anything wait by itself. */
const PATIENCE_MS = 15_000;

const MEDIA_TYPE = 'application/vnd.api+json';

/** @param event that of the wish, which calling off is about */
export function requestOf(wish: Wish, event: string): Request {
  switch (wish.kind) {
    case 'buy':
    case 'reserve':
      return take(wish);
    case 'extend': {
      const attributes = { expires_at: new Date(wish.untilMs).toISOString() };
      return patch('reservations', wish.id, attributes);
    }
    case 'cancel':
      return { method: 'DELETE', path: `/reservations/${wish.id}` };
    case 'read':
      return { method: 'GET', path: `/reservations/${wish.id}` };
    case 'pay':
      return post('payments', { token: wish.token }, { reservation: toOne('reservations', wish.id) });
    case 'refund':
      return { method: 'DELETE', path: `/purchases/${wish.id}` };
    case 'resize':
      return patch('ticket_options', wish.option, { allocation: wish.allocation });
    case 'look':
      return { method: 'GET', path: `/ticket_options/${wish.option}` };
    case 'call off':
      return patch('events', event, { status: 'cancelled' });
  }
}

/** @returns a request that creates something */
export function post(type: string, attributes: object | undefined, relationships?: object): Request {
  const data = { type, ...(attributes && { attributes }), ...(relationships && { relationships }) };
  return { method: 'POST', path: `/${type}`, document: { data } };
}

export function toOne(type: string, id: string): object {
  return { data: { type, id } };
}

function patch(type: string, id: string, attributes: object): Request {
  return { method: 'PATCH', path: `/${type}/${id}`, document: { data: { type, id, attributes } } };
}

function take({ kind, user: id, items }: Extract<Wish, { kind: 'buy' | 'reserve' }>): Request {
  const user = toOne('users', id);
  const [first, ...more] = items;
  const type = kind === 'buy' ? 'purchases' : 'reservations';
  if (first !== undefined && more.length === 0)
    return post(
      type,
      { quantity: first.quantity },
      { ticket_option: toOne('ticket_options', first.option), user },
    );
  const data = items.map(({ option, quantity }) => ({
    type: 'ticket_options',
    id: option,
    meta: { quantity },
  }));
  return post(type, undefined, { ticket_options: { data }, user });
}

/** The clients' end of the connections to one instance. */
export class Line {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(private readonly url: string) {}

  /** Sends a request once. @returns what came back, whatever that is */
  ask({ method, path, document }: Request, key: string | undefined): Promise<Answer> {
    return new Promise((resolve) => {
      const end = (status: number, text = ''): void => {
        resolve({ status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) });
      };
      const headers = {
        ...(document !== undefined && { 'content-type': MEDIA_TYPE }),
        ...(key !== undefined && { 'idempotency-key': key }),
      };
      const sent = request(
        new URL(path, this.url),
        { method, agent: this.agent, headers, signal: AbortSignal.timeout(PATIENCE_MS) },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('error', () => {
            end(0);
          });
          response.on('end', () => {
            end(response.statusCode ?? 0, text);
          });
        },
      );
      sent.on('error', (error) => {
        const isUnsent = 'code' in error && error.code === 'ECONNREFUSED';
        resolve({ status: 0, body: {}, isUnsent });
      });
      sent.end(document && JSON.stringify(document));
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
