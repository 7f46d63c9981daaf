import {
  DESCRIPTION,
  FRACTION,
  INSTANT,
  INSTANT_OR_NULL,
  INT32,
  INT64,
  KIND,
  LIMIT,
  linkTo,
  linkToMany,
  linkToOneOrNone,
  listedBelow,
  NAME,
  object,
  resource,
  UUID,
} from './value-schemas';

/** JSON Schemas of the resources. */

const EVENT = resource(
  'events',
  {
    name: NAME,
    description: DESCRIPTION,
    venue: { ...NAME, type: ['string', 'null'] },
    starts_at: INSTANT_OR_NULL,
    ends_at: INSTANT_OR_NULL,
    max_tickets_per_user: LIMIT,
    status: { enum: ['scheduled', 'cancelled'] },
    created_at: INSTANT,
    updated_at: INSTANT,
  },
  {
    ticket_options: listedBelow('/events', 'ticket_options'),
  },
);
const TICKET_OPTION = resource(
  'ticket_options',
  {
    name: NAME,
    description: DESCRIPTION,
    kind: { ...KIND, type: ['string', 'null'] },
    allocation: INT32,
    remaining: INT32,
    reserved: INT32,
    sold: INT32,
    number: { ...INT32, minimum: 1 },
    on_sale: { type: 'boolean' },
    price_cents: { ...INT32, maximum: 100_000_000 },
    currency: { const: 'EUR' },
    max_per_user: LIMIT,
    max_per_order: LIMIT,
    sales_start_at: INSTANT_OR_NULL,
    sales_end_at: INSTANT_OR_NULL,
    created_at: INSTANT,
    updated_at: INSTANT,
  },
  { event: linkTo('events') },
);
const RESERVATION = resource(
  'reservations',
  {
    quantity: { ...INT64, minimum: 1 },
    status: { enum: ['active', 'paying', 'paid', 'cancelled', 'expired'] },
    total_cents: INT64,
    currency: { const: 'EUR' },
    expires_at: INSTANT,
    created_at: INSTANT,
  },
  {
    user: linkTo('users'),
    event: linkTo('events'),
    payment: linkToOneOrNone('payments'),
    purchases: linkToMany('purchases'),
    ticket_options: object(
      {
        data: {
          type: 'array',
          minItems: 1,
          maxItems: 20,
          items: object(
            {
              type: { const: 'ticket_options' },
              id: UUID,
              meta: object(
                {
                  quantity: { ...INT32, minimum: 1 },
                  unit_price_cents: { ...INT32, maximum: 100_000_000 },
                },
                ['quantity', 'unit_price_cents'],
              ),
            },
            ['type', 'id', 'meta'],
          ),
        },
      },
      ['data'],
    ),
  },
);
const PAYMENT = resource(
  'payments',
  {
    currency: { const: 'EUR' },
    status: { enum: ['pending', 'succeeded', 'failed', 'partially_refunded', 'refunded'] },
    amount_cents: INT64,
    refunded_cents: INT64,
    failure_code: {
      enum: ['card_error', 'payment_error', 'currency_error', 'voided', 'event_cancelled', null],
    },
    created_at: INSTANT,
  },
  { reservation: linkTo('reservations'), purchases: linkToMany('purchases') },
);
const PURCHASE = resource(
  'purchases',
  {
    quantity: { ...INT32, minimum: 1 },
    total_cents: INT64,
    currency: { const: 'EUR' },
    status: { enum: ['completed', 'refunded'] },
    created_at: INSTANT,
  },
  {
    ticket_option: linkTo('ticket_options'),
    user: linkTo('users'),
    reservation: linkToOneOrNone('reservations'),
    payment: linkToOneOrNone('payments'),
    tickets: listedBelow('/purchases', 'tickets'),
  },
);
const TICKET = resource(
  'tickets',
  { number: { ...INT32, minimum: 1 } },
  { purchase: linkTo('purchases'), ticket_option: linkTo('ticket_options') },
  { id: { ...UUID, allOf: [{ pattern: '^.{14}5' }] }, self: '^/purchases/[0-9a-f-]{36}/tickets/[1-9]\\d*$' },
);

const FIGURES = { allocation: INT64, remaining: INT64, reserved: INT64, sold: INT64, revenue_cents: INT64 };
const COUNTS = {
  ...FIGURES,
  sell_through: FRACTION,
  reservations_created: INT64,
  reservations_paid: INT64,
  reservations_cancelled: INT64,
  reservations_expired: INT64,
  conversion: FRACTION,
};
const TEXT_ID = { type: 'string', minLength: 1 };

const EVENT_STATISTICS = resource(
  'event_statistics',
  COUNTS,
  { event: linkTo('events') },
  { self: '^/statistics/events/[0-9a-f-]{36}$' },
);
const STATISTICS_TOTALS = resource(
  'statistics_totals',
  { ...COUNTS, events: INT32 },
  {},
  { id: { const: 'totals' }, self: '^/statistics/totals$' },
);
const KIND_STATISTICS = resource(
  'kind_statistics',
  { kind: KIND, ...FIGURES },
  {},
  { id: TEXT_ID, self: '^/statistics/kinds/[^/?#]+$' },
);
const SALES_POINT = resource(
  'sales_points',
  { starts_at: INSTANT, sold: INT64, revenue_cents: INT64 },
  { event: linkToOneOrNone('events') },
  { id: TEXT_ID, self: null },
);

/** What a list of sales says of all of them. */
export const BUSIEST = {
  oneOf: [
    object({ starts_at: INSTANT, sold: { ...INT64, minimum: 1 }, revenue_cents: INT64 }, [
      'starts_at',
      'sold',
      'revenue_cents',
    ]),
    { type: 'null' },
  ],
};

/** Any resource. */
export const RESOURCE = {
  anyOf: [
    EVENT,
    TICKET_OPTION,
    RESERVATION,
    PAYMENT,
    PURCHASE,
    TICKET,
    EVENT_STATISTICS,
    STATISTICS_TOTALS,
    KIND_STATISTICS,
    SALES_POINT,
  ],
};
