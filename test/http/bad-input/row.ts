import { type RefusalCode } from '../../../src/refusals';
import { type Wire } from '../wire';

export type Source = { pointer: string } | { parameter: string } | { header: string } | undefined;

/** One error that is expected: its code, and its place if it has one. */
export type Expected = readonly [code: RefusalCode, source?: Source];

/** What is sent, the status, and all errors that come back, in order. */
export type Row = readonly [sent: string, wire: Wire, status: number, ...errors: Expected[]];

/** In bodies and paths, stands for the id of an option that can be bought. */
export const OPTION = '11111111-1111-4111-8111-111111111111';
/** The id of some user. */
export const USER = '22222222-2222-4222-8222-222222222222';
/** The id of nothing. */
export const NOTHING = '33333333-3333-4333-8333-333333333333';

export const at = (pointer: string): Source => ({ pointer });

export const post = (path: string, body: string | Buffer, headers?: Wire['headers']): Wire => ({
  method: 'POST',
  path,
  body,
  ...(headers !== undefined && { headers }),
});

/** The text of a new ticket option, with JSON text for its attributes; undefined leaves one out. */
export function optionText(attributes: Readonly<Record<string, string | undefined>> = {}): string {
  return `{"data":{"type":"ticket_options","attributes":${members({ name: '"n"', allocation: '5', ...attributes })}}}`;
}

/** The text of a new purchase, with JSON text for its parts. */
export function purchaseText(
  parts: Readonly<Partial<Record<'quantity' | 'ticket_option' | 'user' | 'more', string | undefined>>> = {},
): string {
  const { quantity, ticket_option, user, ...more } = {
    quantity: '1',
    ticket_option: `{"data":{"type":"ticket_options","id":"${OPTION}"}}`,
    user: `{"data":{"type":"users","id":"${USER}"}}`,
    ...parts,
  };
  const relationships = members({ ticket_option, user });
  return `{"data":${members({ type: '"purchases"', attributes: members({ quantity }), relationships })}${more.more ?? ''}}`;
}

function members(texts: Readonly<Record<string, string | undefined>>): string {
  const present = Object.entries(texts).filter(([, text]) => text !== undefined);
  return `{${present.map(([name, text]) => `${JSON.stringify(name)}:${text ?? ''}`).join(',')}}`;
}
