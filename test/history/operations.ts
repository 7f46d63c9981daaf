import type { Answer } from '../support/shop';
import type { Item } from './effects';

/** Something that a client did. */
export type Operation =
  | { readonly kind: 'buy' | 'reserve'; readonly user: string; readonly items: readonly Item[] }
  | { readonly kind: 'extend'; readonly id: string; readonly untilMs: number }
  | { readonly kind: 'cancel' | 'read'; readonly id: string }
  /** A reservation is paid, with what is said of the card. */
  | { readonly kind: 'pay'; readonly id: string; readonly by: Readonly<Record<string, string>> }
  /** A purchase is given back, or it or a payment is read. */
  | { readonly kind: 'refund' | 'read purchase' | 'read payment'; readonly id: string }
  | {
      readonly kind: 'resize';
      readonly option: string;
      readonly allocation: number;
      readonly priceCents: number;
    }
  | { readonly kind: 'look'; readonly option: string }
  /** The event is cancelled, or its statistics are read. */
  | { readonly kind: 'call off' | 'count' };

/** What a client did, about which event, and what it was told when. */
export interface Done {
  readonly operation: Operation;
  readonly event: string;
  readonly answer: Answer;
}

/** @returns the attempt to pay that an answer is about. */
export function paymentOf({ body }: Answer): string | undefined {
  if (body.data?.type === 'payments') return body.data.id;
  const id = body.errors?.[0]?.meta?.['payment_id'];
  return typeof id === 'string' ? id : undefined;
}

/** Whether the client was told that what it began goes on without it. */
export function isOpen({ body }: Answer): boolean {
  return body.errors?.[0]?.code === 'outcome_unknown';
}

/** For people. */
export function sentenceOf({ operation, answer: { status, body, sentMs, answeredMs } }: Done): string {
  const told = body.errors?.map(({ code, meta }) => `${code} ${JSON.stringify(meta ?? {})}`).join(', ');
  const what = told ?? JSON.stringify(body.data?.attributes ?? {});
  return `${JSON.stringify(operation)} was told ${status} ${what} from ${sentMs} to ${answeredMs}`;
}
