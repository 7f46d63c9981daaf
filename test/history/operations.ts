import type { Answer } from '../support/shop';
import type { Item } from './model';

/** Something that a client did. */
export type Operation =
  | { readonly kind: 'buy' | 'reserve'; readonly user: string; readonly items: readonly Item[] }
  | { readonly kind: 'extend'; readonly id: string; readonly untilMs: number }
  | { readonly kind: 'cancel' | 'read'; readonly id: string }
  | { readonly kind: 'resize'; readonly option: string; readonly allocation: number }
  | { readonly kind: 'look'; readonly option: string };

/** What a client did, about which event, and what it was told when. */
export interface Done {
  readonly operation: Operation;
  readonly event: string;
  readonly answer: Answer;
}

/** For people. */
export function sentenceOf({ operation, answer: { status, body, sentMs, answeredMs } }: Done): string {
  const told = body.errors?.map(({ code, meta }) => `${code} ${JSON.stringify(meta ?? {})}`).join(', ');
  const what = told ?? JSON.stringify(body.data?.attributes ?? {});
  return `${JSON.stringify(operation)} was told ${status} ${what} from ${sentMs} to ${answeredMs}`;
}
