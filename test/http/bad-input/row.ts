import { type RefusalCode } from '../../../src/refusals';
import { type Wire } from '../wire';

export type Source = { pointer: string } | { parameter: string } | { header: string } | undefined;

/** One error that is expected: its code, and its place if it has one. */
export type Expected = readonly [code: RefusalCode, source?: Source];

/** What is sent, the status, and all errors that come back, in order. */
export type Row = readonly [sent: string, wire: Wire, status: number, ...errors: Expected[]];

/** In bodies and paths, stands for the id of an option that can be bought; four of its tickets are taken. */
export const OPTION = '11111111-1111-4111-8111-111111111111';
/** The id of some user. */
export const USER = '22222222-2222-4222-8222-222222222222';
/** The id of nothing. */
export const NOTHING = '33333333-3333-4333-8333-333333333333';
/** Stands for an option of the same event, on sale from {@link SALES_START} to {@link SALES_END}. */
export const SECOND = '44444444-4444-4444-8444-444444444444';
/** Stands for an option of another event. */
export const ELSEWHERE = '55555555-5555-4555-8555-555555555555';
/** Stands for the event of the first two, from {@link EVENT_START} to {@link EVENT_END}. */
export const EVENT = '66666666-6666-4666-8666-666666666666';
/** Stands for an active reservation of tickets of both. */
export const RESERVATION = '77777777-7777-4777-8777-777777777777';

/** Stand for reservations of another event, whose tickets cost something. */
export const PAYABLE = '88888888-8888-4888-8888-888888888888';
export const EXPIRED = '99999999-9999-4999-8999-999999999999';
export const CANCELLED = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
export const PAYING = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
export const PAID = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc';
/** Stands for an active reservation of an event that is cancelled. */
export const VOID = 'dddddddd-dddd-4ddd-8ddd-dddddddddddd';
/** Stands for the payment that has paid {@link PAID}. */
export const PAYMENT = 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee';
/** Stands for a purchase of two tickets. */
export const PURCHASE = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
/** Stands for a purchase of two tickets that was given back. */
export const REFUNDED = '12121212-1212-4121-8121-121212121212';

export const SALES_START = '2020-01-01T00:00:00Z';
export const SALES_END = '9000-01-01T00:00:00Z';
export const EVENT_START = '2030-06-01T18:00:00Z';
export const EVENT_END = '2030-06-01T22:00:00Z';

export const at = (pointer: string): Source => ({ pointer });

export const post = (path: string, body: string | Buffer, headers?: Wire['headers']): Wire => ({
  method: 'POST',
  path,
  body,
  ...(headers !== undefined && { headers }),
});

export const patch = (path: string, body: string, headers?: Wire['headers']): Wire => ({
  ...post(path, body, headers),
  method: 'PATCH',
});

export const get = (path: string): Wire => ({ method: 'GET', path });

/** An error that a parameter of the query is to blame for. */
export const byParameter = (parameter: string): Expected => ['invalid_parameter', { parameter }];

/** The text of a change, with JSON text for its attributes. */
export function changeText(type: string, id: string, attributes: Readonly<Record<string, string>>): string {
  return `{"data":{"type":"${type}","id":"${id}","attributes":${members(attributes)}}}`;
}

/** The text of a new event, with JSON text for its attributes; undefined leaves one out. */
export function eventText(attributes: Readonly<Record<string, string | undefined>> = {}): string {
  const all = { name: '"n"', starts_at: `"${EVENT_START}"`, ...attributes };
  return `{"data":{"type":"events","attributes":${members(all)}}}`;
}

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

/** The text of a new reservation of one kind, with JSON text for its parts. */
export function reservationText(
  parts: Readonly<
    Partial<Record<'quantity' | 'ticket_option' | 'ticket_options' | 'user', string | undefined>>
  > = {},
): string {
  const { quantity, ...relationships } = {
    quantity: '1',
    ticket_option: `{"data":{"type":"ticket_options","id":"${OPTION}"}}`,
    user: `{"data":{"type":"users","id":"${USER}"}}`,
    ...parts,
  };
  const attributes = members({ quantity });
  return `{"data":${members({ type: '"reservations"', attributes, relationships: members(relationships) })}}`;
}

/** The text of a new payment, with JSON text for its parts. */
export function paymentText(
  parts: Readonly<Partial<Record<'token' | 'currency' | 'reservation', string | undefined>>> = {},
): string {
  const { reservation, ...attributes } = { token: '"tok"', reservation: toReservation(PAYABLE), ...parts };
  const [of, relationships] = [members(attributes), members({ reservation })];
  return `{"data":${members({ type: '"payments"', attributes: of, relationships })}}`;
}

/** The text of a relationship to a reservation. */
export function toReservation(id: string): string {
  return `{"data":{"type":"reservations","id":"${id}"}}`;
}

/** The text of one identifier in a list of kinds, with JSON text for its meta. */
export function kindText(id: string, meta: string | undefined = '{"quantity":1}'): string {
  return members({ type: '"ticket_options"', id: `"${id}"`, meta });
}

/** The text of a new reservation of several kinds, with JSON text for their list. */
export function severalText(list: string, quantity?: string): string {
  return reservationText({ quantity, ticket_option: undefined, ticket_options: `{"data":${list}}` });
}

function members(texts: Readonly<Record<string, string | undefined>>): string {
  const present = Object.entries(texts).filter(([, text]) => text !== undefined);
  return `{${present.map(([name, text]) => `${JSON.stringify(name)}:${text ?? ''}`).join(',')}}`;
}
