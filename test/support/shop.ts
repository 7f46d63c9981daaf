import { Agent, request } from 'node:http';

/** What came back: the status and the parsed body; status 0 when the connection ended without an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AnswerBody;
}

interface AnswerBody {
  readonly data?: { readonly id: string; readonly attributes: Readonly<Record<string, unknown>> };
  readonly errors?: readonly {
    readonly code: string;
    readonly status: string;
    readonly meta?: Readonly<Record<string, unknown>>;
  }[];
}

const NO_ANSWER: Answer = { status: 0, headers: {}, body: {} };

let users = 0;

/** A UUID for a user nobody has seen before in this process. */
export function newUser(): string {
  users += 1;
  return `00000000-0000-4000-8000-${users.toString(16).padStart(12, '0')}`;
}

/** Many clients of one service, each request on a connection of its own when all others are busy. */
export class Shop {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(private readonly url: string) {}

  /** Creates a ticket option, for an event if one is given. @returns its id */
  async offer(attributes: { allocation: number } & Record<string, unknown>, event?: string): Promise<string> {
    const { status, body } = await this.send('POST', '/ticket_options', {
      data: {
        type: 'ticket_options',
        attributes: { name: 'Race', ...attributes },
        ...(event !== undefined && { relationships: { event: { data: { type: 'events', id: event } } } }),
      },
    });
    if (status !== 201 || body.data === undefined)
      throw new Error(`no offer: ${status} ${JSON.stringify(body)}`);
    return body.data.id;
  }

  buy(ticketOption: string, quantity: number, user = newUser()): Promise<Answer> {
    return this.send('POST', '/purchases', {
      data: {
        type: 'purchases',
        attributes: { quantity },
        relationships: {
          ticket_option: { data: { type: 'ticket_options', id: ticketOption } },
          user: { data: { type: 'users', id: user } },
        },
      },
    });
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  close(): void {
    this.agent.destroy();
  }

  private send(method: string, path: string, document?: object): Promise<Answer> {
    return new Promise((resolve) => {
      const headers = document === undefined ? {} : { 'content-type': 'application/vnd.api+json' };
      const sent = request(new URL(path, this.url), { method, agent: this.agent, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', () => {
          resolve(NO_ANSWER);
        });
        response.on('end', () => {
          const body = text === '' ? {} : (JSON.parse(text) as AnswerBody);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      });
      sent.on('error', () => {
        resolve(NO_ANSWER);
      });
      sent.end(document && JSON.stringify(document));
    });
  }
}
