import type { OptionAttributes, TicketOption } from './demo-documents';
import type { Order } from './demo-orders';
import type { Demo } from './demo-sales';
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
  return [
    table(
      ['event', 'tickets', 'kind', 'euros', 'allocation', 'remaining', 'reserved', 'sold', 'on sale'],
      availability.flatMap(({ event, options }) => options.map((option) => stock(event, option.attributes))),
    ),
    table(
      ['reservation', 'user', 'tickets', 'euros', 'status', 'expires at'],
      demo.reservations.map((order) => {
        const { total_cents: cents, status, expires_at: until } = order.resource.attributes;
        return [order.resource.id, order.user, wanted(order), cents / 100, status, until];
      }),
    ),
    table(
      ['payment', 'user', 'tickets', 'euros', 'status', 'failure'],
      demo.payments.map((order) => {
        const { amount_cents: cents, status, failure_code: failure } = order.resource.attributes;
        return [order.resource.id, order.user, wanted(order), cents / 100, status, failure ?? ''];
      }),
    ),
    table(
      ['purchase', 'user', 'tickets', 'euros', 'status'],
      demo.purchases.map((order) => {
        const { total_cents: cents, status } = order.resource.attributes;
        return [order.resource.id, order.user, wanted(order), cents / 100, status];
      }),
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
