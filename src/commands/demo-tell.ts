import {
  extension,
  newPurchase,
  newReservation,
  type OptionAttributes,
  type TicketOption,
  type Wish,
} from './demo-documents';
import type { Demo, Order } from './demo-sales';
import { type Cell, table } from './demo-table';

/** What is left of the tickets, event by event. */
export type Availability = readonly { readonly event: string; readonly options: readonly TicketOption[] }[];

/** @returns everything that was made, for people. */
export function tables(demo: Demo, availability: Availability): string {
  const names = new Map(
    availability.flatMap(({ options }) => options.map(({ id, attributes }) => [id, attributes.name])),
  );
  const wanted = ({ wishes }: Order): string =>
    wishes.map(({ option, quantity }) => `${quantity} ${names.get(option) ?? option}`).join(', ');
  const holds = [demo.held, demo.heldOfSeveral, demo.extended, demo.cancelled];
  return [
    table(
      ['event', 'tickets', 'kind', 'euros', 'allocation', 'remaining', 'reserved', 'sold', 'on sale'],
      availability.flatMap(({ event, options }) => options.map((option) => stock(event, option.attributes))),
    ),
    table(
      ['reservation', 'user', 'tickets', 'euros', 'status', 'expires at'],
      holds.map(({ reservation: { id, attributes }, ...order }) => [
        id,
        order.user,
        wanted(order),
        attributes.total_cents / 100,
        attributes.status,
        attributes.expires_at,
      ]),
    ),
    table(
      ['purchase', 'user', 'tickets'],
      demo.purchases.map((order) => [order.id, order.user, wanted(order)]),
    ),
    table(['user', 'id'], Object.entries(demo.users)),
  ].join('\n\n');
}

function stock(event: string, option: OptionAttributes): Cell[] {
  return [
    event,
    option.name,
    option.kind ?? '',
    option.price_cents / 100,
    option.allocation,
    option.remaining,
    option.reserved,
    option.sold,
    option.on_sale ? 'yes' : 'no',
  ];
}

/** @returns lines for a shell to go on with, each below what it does. */
export function curlLines(url: string, { users, concert, meetUp, held, extended }: Demo): string {
  const { Ann } = users;
  const get = (path: string): string => `curl -sg ${quote(url + path)}`;
  const send = (method: string, path: string, data: object): string =>
    `curl -s -X ${method} ${quote(url + path)} -H 'Content-Type: application/vnd.api+json' -d ${quote(JSON.stringify({ data }))}`;
  // As far as the service has let another one be extended.
  const { created_at, expires_at } = extended.reservation.attributes;
  const lasts = Date.parse(expires_at) - Date.parse(created_at);
  const until = new Date(Date.parse(held.reservation.attributes.created_at) + lasts).toISOString();
  const premium: Wish = { option: concert.options.circle, quantity: 1 };
  const entry: Wish = { option: meetUp.options.entry, quantity: 1 };
  const lines: readonly (readonly [string, string])[] = [
    ['Read the concert with its ticket options', get(`/events/${concert.id}?include=ticket_options`)],
    ['See what is available of it', get(`/events/${concert.id}/ticket_options?filter[on_sale]=true`)],
    ['Reserve a ticket for Ann', send('POST', '/reservations', newReservation(Ann, [premium]))],
    ['Extend her reservation', send('PATCH', `/reservations/${held.id}`, extension(held.id, until))],
    ['Cancel it, answered 204', `curl -si -X DELETE ${quote(`${url}/reservations/${held.id}`)}`],
    ['List what is reserved for her', get(`/reservations?filter[user]=${Ann}&filter[status]=active`)],
    ['Buy a free ticket for her', send('POST', '/purchases', newPurchase(Ann, entry))],
  ];
  return lines.map(([does, line]) => `# ${does}\n${line}`).join('\n\n');
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
