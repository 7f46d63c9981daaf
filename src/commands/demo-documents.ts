/** A resource, as far as the demo looks at it. */
export interface Resource<A extends object = object> {
  readonly id: string;
  readonly attributes: A;
}

export interface OptionAttributes {
  readonly name: string;
  readonly kind: string | null;
  readonly price_cents: number;
  readonly allocation: number;
  readonly remaining: number;
  readonly reserved: number;
  readonly sold: number;
  readonly on_sale: boolean;
}

interface ReservationAttributes {
  readonly status: string;
  readonly total_cents: number;
  readonly expires_at: string;
  readonly created_at: string;
}

interface PurchaseAttributes {
  readonly total_cents: number;
  readonly status: string;
}

interface PaymentAttributes {
  readonly status: string;
  readonly amount_cents: number;
  readonly refunded_cents: number;
  readonly failure_code: string | null;
}

export type TicketOption = Resource<OptionAttributes>;
export type Reservation = Resource<ReservationAttributes>;
export type Purchase = Resource<PurchaseAttributes>;

/** It names what was bought, in the order in which it was reserved. */
export interface Payment extends Resource<PaymentAttributes> {
  readonly relationships: { readonly purchases: { readonly data: readonly { readonly id: string }[] } };
}

/** A quantity of one ticket option. */
export interface Wish {
  readonly option: string;
  readonly quantity: number;
}

/** What reserves tickets: one kind has the shape of a purchase, several kinds carry their quantities each. */
export function newReservation(user: string, wishes: readonly Wish[]): object {
  const [one, ...others] = wishes;
  if (one !== undefined && others.length === 0) return { type: 'reservations', ...wanted(user, one) };
  const data = wishes.map(({ option: id, quantity }) => ({ type: 'ticket_options', id, meta: { quantity } }));
  return { type: 'reservations', relationships: { ticket_options: { data }, user: toOne('users', user) } };
}

/** What buys tickets. */
export function newPurchase(user: string, wish: Wish): object {
  return { type: 'purchases', ...wanted(user, wish) };
}

/** What pays a reservation. */
export function newPayment(reservation: string, token: string): object {
  const relationships = { reservation: toOne('reservations', reservation) };
  return { type: 'payments', attributes: { token }, relationships };
}

/** What extends a reservation. */
export function extension(id: string, until: string): object {
  return { type: 'reservations', id, attributes: { expires_at: until } };
}

function wanted(user: string, { option, quantity }: Wish): object {
  return {
    attributes: { quantity },
    relationships: { ticket_option: toOne('ticket_options', option), user: toOne('users', user) },
  };
}

/** A relationship to one resource. */
export function toOne(type: string, id: string): object {
  return { data: { type, id } };
}
