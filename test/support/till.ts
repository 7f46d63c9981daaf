/** What a client was told of a payment or a refund. */
export interface Told {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  /** What was refused, or the status of a success. */
  readonly code: string;
  /** The payment that the answer is about. */
  readonly payment?: string;
  /** What was bought. */
  readonly bought: readonly string[];
  /** What was to be taken back. */
  readonly purchase?: string;
  /** When the request was sent and when its answer was there, in milliseconds. */
  readonly sentMs: number;
  readonly answeredMs: number;
}

interface Document {
  readonly data?: { readonly id: string };
  readonly included?: readonly { readonly id: string }[];
  readonly errors?: readonly { readonly code: string; readonly meta?: { readonly payment_id?: string } }[];
}

const MEDIA_TYPE = 'application/vnd.api+json';

/** Where reservations are paid and purchases are taken back. */
export class Till {
  /** @param now the clock that the times of requests and answers are taken by */
  constructor(
    private readonly url: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** @param token may say where the payment waits; see `test/processes/points.ts` */
  pay(reservation: string, token = 'tok_visa'): Promise<Told> {
    const document = {
      data: {
        type: 'payments',
        attributes: { token },
        relationships: { reservation: { data: { type: 'reservations', id: reservation } } },
      },
    };
    return this.send('POST', '/payments', document);
  }

  async refund(purchase: string): Promise<Told> {
    return { ...(await this.send('DELETE', `/purchases/${purchase}`)), purchase };
  }

  private async send(method: string, path: string, document?: object): Promise<Told> {
    const sentMs = this.now();
    try {
      const response = await fetch(new URL(path, this.url), {
        method,
        ...(document && { body: JSON.stringify(document), headers: { 'content-type': MEDIA_TYPE } }),
      });
      const text = await response.text();
      const { data, included = [], errors } = JSON.parse(text || '{}') as Document;
      const payment = errors?.[0]?.meta?.payment_id ?? data?.id;
      return {
        status: response.status,
        code: errors?.[0]?.code ?? String(response.status),
        ...(payment !== undefined && { payment }),
        bought: included.map(({ id }) => id),
        sentMs,
        answeredMs: this.now(),
      };
    } catch {
      return { status: 0, code: 'no answer', bought: [], sentMs, answeredMs: this.now() };
    }
  }
}
