import fc, { type Arbitrary } from 'fast-check';
import {
  change,
  purchase,
  type RequestDocument,
  reservation,
  reservationOfSeveral,
  ticketOption,
} from '../../support/builders';
import { payment } from '../payment-steps';

/**
 * Documents that could be meant, of which the service takes some and refuses others. What the database makes appears
 * as `$name`: the things of {@link OPTIONS}, and the newest of each type (`$new_events` …).
 */

/** What can be had of one event, by the name that plans call it; the attributes decide what an order is answered. */
export const OPTIONS = {
  plain: { allocation: 1_000_000 },
  scarce: { allocation: 10 },
  gone: { allocation: 0 },
  per_order: { allocation: 1_000_000, max_per_order: 2 },
  per_user: { allocation: 1_000_000, max_per_user: 20 },
  cheap: { allocation: 1_000_000, price_cents: 1, kind: 'VIP' },
  priced: { allocation: 10_000, price_cents: 100_000_000 },
  early: { allocation: 100, sales_start_at: '9999-01-01T00:00:00Z' },
  late: { allocation: 100, sales_end_at: '2000-01-01T00:00:00Z' },
} as const;

export const NOBODY = '99999999-9999-4999-8999-999999999999';
const USERS = Array.from({ length: 6 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);

/** Mostly the one, now and then the other. */
export const often = <T>(weight: number, usual: Arbitrary<T>, unusual: Arbitrary<T>): Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: unusual });

const orNull = <T>(arbitrary: Arbitrary<T>) => fc.option(arbitrary, { freq: 3 });
const letters = (maxLength: number) => fc.string({ unit: 'grapheme', minLength: 1, maxLength });
const int32 = fc.integer({ min: 1, max: 2_147_483_647 });
const limit = orNull(fc.oneof(int32, fc.integer({ min: 1, max: 5 })));
const name = letters(20).filter((text) => text.trim() !== '' && !text.includes('\0'));
const instant = fc.constantFrom(
  '2026-01-01T00:00:00Z',
  '2027-01-01T00:00:00.123456+01:00',
  '0001-01-01T00:00:00+00:00',
  '9999-12-31T23:59:59-00:00',
);

const user = fc.constantFrom(...USERS);
const quantity = often(6, fc.integer({ min: 1, max: 4 }), int32);
const optionId = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('$plain', '$plain', '$scarce', '$per_order', '$per_user') },
  { weight: 4, arbitrary: fc.constantFrom(...Object.keys(OPTIONS).map((key) => `$${key}`)) },
  { weight: 1, arbitrary: fc.constantFrom('$void', '$new_ticket_options', '$tight', '$elsewhere') },
  { weight: 1, arbitrary: fc.constantFrom(NOBODY, 'abc', '$purchase', '') },
);

const optionAttributes = {
  name,
  description: orNull(fc.string({ unit: 'grapheme', maxLength: 50 })),
  allocation: fc.oneof(fc.nat(), fc.constantFrom(0, 1, 5, 2_147_483_647)),
  kind: orNull(fc.constantFrom('VIP', 'vip', 'regular', 'Ä', 'x'.repeat(50))),
  price_cents: fc.nat(100_000_000),
  max_per_user: limit,
  max_per_order: limit,
  sales_start_at: orNull(instant),
  sales_end_at: orNull(instant),
};
const eventAttributes = {
  name,
  starts_at: instant,
  ends_at: orNull(instant),
  description: orNull(fc.string({ unit: 'grapheme', maxLength: 50 })),
  venue: orNull(name),
  max_tickets_per_user: limit,
};

export const newOption: Arbitrary<unknown> = fc
  .tuple(
    fc.record(optionAttributes, { requiredKeys: ['name', 'allocation'] }),
    fc.option(fc.constantFrom('$new_events', '$new_events', '$void_event', NOBODY, 'abc')),
  )
  .map(([attributes, event]) => {
    const { data } = ticketOption({}, event ?? undefined);
    return { data: { ...data, attributes } };
  });

export const newEvent: Arbitrary<unknown> = fc
  .record(eventAttributes, { requiredKeys: ['name', 'starts_at'] })
  .map((attributes) => ({ data: { type: 'events', attributes } }));

export const newPurchase: Arbitrary<unknown> = fc
  .record({ quantity, ticketOption: optionId, user })
  .map(purchase);

export const newReservation: Arbitrary<unknown> = fc.oneof(
  fc
    .record({ quantity, ticketOption: often(2, optionId, fc.constantFrom('$priced', '$cheap')), user })
    .map(reservation),
  fc
    .tuple(fc.array(fc.tuple(optionId, quantity), { minLength: 1, maxLength: 4 }), user)
    .map(([ticketOptions, by]) => reservationOfSeveral({ ticketOptions, user: by })),
);

/** What is to be paid: mostly a new reservation, which can be paid once and for two seconds. */
const payable = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('$new_reservations', '$payable', '$payable') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('$expired', '$cancelled', '$paying', '$paid', '$void_reservation'),
  },
  { weight: 1, arbitrary: fc.constantFrom(NOBODY, 'abc', '$plain', '') },
);
const token = fc.oneof(
  { weight: 4, arbitrary: fc.constant('tok_visa') },
  { weight: 4, arbitrary: fc.constantFrom('card_error', 'payment_error') },
  { weight: 1, arbitrary: letters(20) },
);
const currency = often(
  2,
  fc.constant('EUR'),
  fc.constantFrom('GBP', 'GBP', 'eur', 'EURO', '', 'x'.repeat(21)),
);

const paymentAttributes = often<object>(
  12,
  fc.record({ token, currency }, { requiredKeys: ['token'] }),
  fc.record({ currency }),
);

export const newPayment: Arbitrary<unknown> = fc.tuple(paymentAttributes, payable).map(([attributes, id]) => {
  const { data } = payment(id);
  return { data: { ...data, attributes } };
});

/** A change: where it is sent, and its document. */
export interface Change {
  readonly path: string;
  readonly document: RequestDocument;
}

const changeOf = (
  type: string,
  id: Arbitrary<string>,
  attributes: Arbitrary<Record<string, unknown>>,
): Arbitrary<Change> =>
  fc
    .record({
      id,
      other: often(12, fc.constant(undefined), fc.constantFrom('$plain', NOBODY, 'abc')),
      attributes,
      more: often(12, fc.constant({}), fc.constant({ created_at: '2026-01-01T00:00:00Z' })),
    })
    .map(({ id: of, other, attributes: set, more }) => ({
      path: `/${type}/${of}`,
      document: change(type, other ?? of, { ...set, ...more }),
    }));

const some = (attributes: Record<string, Arbitrary<unknown>>): Arbitrary<Record<string, unknown>> =>
  fc.record(attributes, { requiredKeys: [] });

/** Reservations in every state. */
export const reservationId = fc.oneof(
  { weight: 6, arbitrary: fc.constant('$new_reservations') },
  { weight: 5, arbitrary: fc.constantFrom('$expired', '$expired', '$cancelled', '$paying', '$paid') },
  { weight: 1, arbitrary: fc.constantFrom(NOBODY, 'abc') },
);

/** Purchases that may be given back: bought directly, paid for, or given back before. */
export const purchaseId = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('$new_purchases', '$bought', '$bought') },
  { weight: 1, arbitrary: fc.constantFrom('$refunded', NOBODY, 'abc', '$plain') },
);

const expiry = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('$soon', '$later') },
  { weight: 4, arbitrary: fc.constant('9999-12-31T23:59:59Z') },
  { weight: 1, arbitrary: instant },
);
/** Nothing is changed of the options that orders are mostly for. */
export const changes: Arbitrary<Change> = fc.oneof(
  {
    weight: 3,
    arbitrary: changeOf(
      'reservations',
      reservationId,
      often(6, fc.record({ expires_at: expiry }), fc.constant({})),
    ),
  },
  {
    weight: 3,
    arbitrary: changeOf(
      'ticket_options',
      fc.constantFrom('$new_ticket_options', '$tight', '$tight', NOBODY),
      some(optionAttributes),
    ),
  },
  {
    weight: 2,
    arbitrary: changeOf(
      'events',
      fc.constantFrom('$new_events', '$new_events', '$void_event', NOBODY),
      some({ ...eventAttributes, status: often(2, fc.constant('scheduled'), fc.constant('cancelled')) }),
    ),
  },
);
