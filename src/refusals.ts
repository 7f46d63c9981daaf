/**
 * Every way in which the service says no, in order of precedence: of the problems that one step finds, the first in
 * this order gives the status. The steps are the address, the headers, body and query together, then the service.
 *
 * This table is the one source of the answers and of the responses in `openapi.json`. `title` never varies for a
 * code; `detail` may be replaced by a sentence about the occurrence.
 */

interface RefusalKind {
  readonly status: number;
  readonly title: string;
  /** Told when the place of refusal has nothing more exact to say. */
  readonly detail: string;
  /** Sent as `Retry-After`, for what passes by itself, unless something more exact is known. */
  readonly retryAfterSeconds?: number;
}

export const REFUSALS = {
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    detail: 'This caller has sent more requests within a minute than it may; Retry-After says when to go on.',
    retryAfterSeconds: 60,
  },
  not_found: { status: 404, title: 'Not found', detail: 'There is nothing at this address.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'This address does not offer that method; the Allow header lists those it does.',
  },
  unauthenticated: {
    status: 401,
    title: 'Not authenticated',
    detail: 'Send a valid token as `Authorization: Bearer …`.',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    detail: 'The token does not allow this.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail:
      'Send the body as application/vnd.api+json without parameters (profile is allowed), or as application/json.',
  },
  not_acceptable: {
    status: 406,
    title: 'Not acceptable',
    detail: 'Answers are application/vnd.api+json without parameters; no Accept entry allows that.',
  },
  payload_too_large: {
    status: 413,
    title: 'Payload too large',
    detail: 'The body is larger than this service reads.',
  },
  request_timeout: {
    status: 408,
    title: 'Request timeout',
    detail: 'The request did not arrive in time.',
  },
  header_too_large: {
    status: 431,
    title: 'Request header fields too large',
    detail: 'The header of the request is larger than this service reads.',
  },
  malformed_request: {
    status: 400,
    title: 'Malformed request',
    detail: 'What arrived is not a well-formed HTTP request.',
  },
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    detail: 'The body is not well-formed JSON in UTF-8.',
  },
  invalid_document: {
    status: 400,
    title: 'Invalid document',
    detail: 'The body is not the document that this request takes.',
  },
  invalid_attribute: {
    status: 400,
    title: 'Invalid attribute',
    detail: 'An attribute is missing or has a value that it cannot take.',
  },
  invalid_relationship: {
    status: 400,
    title: 'Invalid relationship',
    detail: 'A relationship is missing or does not name a resource of its type.',
  },
  invalid_parameter: {
    status: 400,
    title: 'Invalid query parameter',
    detail: 'This address does not take that query parameter, or not with that value.',
  },
  invalid_header: {
    status: 400,
    title: 'Invalid header',
    detail: 'A header has a value that it cannot take.',
  },
  client_id_forbidden: {
    status: 403,
    title: 'Client-generated id',
    detail: 'Ids are made by the service; leave the id out.',
  },
  type_conflict: {
    status: 409,
    title: 'Type conflict',
    detail: 'The type of the resource is not the type of this collection.',
  },
  read_only: {
    status: 403,
    title: 'Read-only member',
    detail: 'This member cannot be set by this request.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency key reused',
    detail: 'The same Idempotency-Key came with another request before; use a new one for each request.',
  },
  idempotency_key_in_flight: {
    status: 409,
    title: 'Idempotency key in flight',
    detail: 'The first request with this Idempotency-Key is still being worked on; try again later.',
    retryAfterSeconds: 1,
  },
  precondition_failed: {
    status: 412,
    title: 'Precondition failed',
    detail: 'The resource has been changed since it was read; read it again.',
  },
  event_cancelled: {
    status: 409,
    title: 'Event cancelled',
    detail: 'The event has been cancelled; nothing of it can be reserved, bought or paid any more.',
  },
  sales_not_started: {
    status: 409,
    title: 'Sales have not started',
    detail: 'The ticket option is not on sale yet.',
  },
  sales_ended: {
    status: 409,
    title: 'Sales have ended',
    detail: 'The ticket option is no longer on sale.',
  },
  payment_required: {
    status: 402,
    title: 'Payment required',
    detail: 'The ticket option has a price, so it cannot be bought directly.',
  },
  order_limit_exceeded: {
    status: 409,
    title: 'Order limit exceeded',
    detail: 'One order may not take that many tickets of this option.',
  },
  user_limit_exceeded: {
    status: 409,
    title: 'User limit exceeded',
    detail: 'The user would have more tickets than one user may have.',
  },
  invalid_purchase_quantity: {
    status: 400,
    title: 'Unable to purchase provided quantity',
    detail: 'Unable to reserve given quantity of ticket options',
  },
  insufficient_tickets: {
    status: 409,
    title: 'Not enough tickets',
    detail: 'Fewer tickets of this option remain than were asked for.',
  },
  reservation_expired: {
    status: 409,
    title: 'Reservation expired',
    detail: 'The reservation is over; its tickets are for sale again.',
  },
  reservation_cancelled: {
    status: 409,
    title: 'Reservation cancelled',
    detail: 'The reservation has been cancelled.',
  },
  reservation_paid: {
    status: 409,
    title: 'Reservation paid',
    detail: 'The reservation has been paid; its tickets are purchases now.',
  },
  reservation_in_payment: {
    status: 409,
    title: 'Reservation in payment',
    detail:
      'A payment for the reservation is under way; until it has ended, the reservation cannot be changed.',
  },
  extension_limit_reached: {
    status: 409,
    title: 'Extension limit reached',
    detail: 'A reservation cannot be extended that far.',
  },
  card_error: {
    status: 402,
    title: 'Card declined',
    detail: 'Your card has been declined',
  },
  payment_error: {
    status: 402,
    title: 'Payment failed',
    detail: 'Something went wrong with your transaction',
  },
  currency_error: {
    status: 400,
    title: 'Currency not supported',
    detail: 'The only currency is EUR.',
  },
  allocation_below_committed: {
    status: 409,
    title: 'Allocation below what is committed',
    detail: 'More tickets than that are reserved or sold already.',
  },
  event_in_use: {
    status: 409,
    title: 'Event in use',
    detail: 'Tickets of the event have been reserved or sold, so it can only be cancelled.',
  },
  ticket_option_in_use: {
    status: 409,
    title: 'Ticket option in use',
    detail: 'Tickets of the option have been reserved or sold, so it cannot be deleted.',
  },
  purchase_refunded: {
    status: 409,
    title: 'Purchase refunded',
    detail: 'The purchase has been refunded; its tickets are for sale again.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong in the service; the request id leads to it in the log.',
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    detail: 'More requests are waiting than can be served in time. Nothing was changed; try again.',
    retryAfterSeconds: 1,
  },
  database_unavailable: {
    status: 503,
    title: 'Database unavailable',
    detail: 'The database does not answer at the moment. Nothing was changed; try again.',
    retryAfterSeconds: 1,
  },
  keys_unavailable: {
    status: 503,
    title: 'Keys unavailable',
    detail:
      'The keys that tokens are checked with cannot be had at the moment. Nothing was changed; try again.',
    retryAfterSeconds: 1,
  },
  outcome_unknown: {
    status: 503,
    title: 'Outcome unknown',
    detail:
      'The database was lost before it confirmed. What meta names may exist: read it before trying again.',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, RefusalKind>;

export type RefusalCode = keyof typeof REFUSALS;

/** The codes from the highest precedence to the lowest. */
export const REFUSAL_CODES = Object.keys(REFUSALS) as readonly RefusalCode[];

/** Where in the request the problem is; exactly one member (JSON:API 1.1, "Error Objects", `source`). */
export type ProblemSource = { pointer: string } | { parameter: string } | { header: string };

/** One error object to be: a code of the table and what is known of this occurrence. */
export interface Problem {
  readonly code: RefusalCode;
  readonly detail?: string | undefined;
  readonly source?: ProblemSource | undefined;
  /** Identifies the kind of problem beyond this service: the URI of a profile's error type (`links.type`). */
  readonly type?: string | undefined;
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
}

/** @returns the entry of the table, with the optional members visible to the type system. */
export function refusalKind(code: RefusalCode): RefusalKind {
  return REFUSALS[code];
}

/**
 * Thrown to answer with a refusal. It carries no stack trace: a refusal is an ordinary answer, and a sold-out
 * sale throws tens of thousands a second.
 */
export class Refusal extends Error {
  readonly problems: readonly [Problem, ...Problem[]];

  constructor(problems: readonly [Problem, ...Problem[]]) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(problems[0].code);
    Error.stackTraceLimit = limit;
    this.name = 'Refusal';
    this.problems = problems;
  }

  /** The HTTP status: that of the problem with the highest precedence. */
  get status(): number {
    return REFUSALS[this.problems[0].code].status;
  }
}

/** Shorthand for the usual refusal with a single problem. */
export function refusal(code: RefusalCode, problem: Omit<Problem, 'code'> = {}): Refusal {
  return new Refusal([{ code, ...problem }]);
}
