import { Injectable } from '@nestjs/common';
import { Allocation } from '../allocation/allocation';
import type { Caller } from '../allocation/lanes';
import type { Item, Refused, RequestKey, ReservationState } from '../allocation/orders';
import { IdempotencyService } from '../idempotency/idempotency.service';
import { type KeyOfRequest, ownKey } from '../idempotency/request-key';
import { newId } from '../ids';
import { isUuid } from '../json-api';
import { type Located, madeOf } from '../outcomes';
import { TicketOptionsService } from '../ticket-options/ticket-options.service';
import { placeInExtension, placeInRequest } from './reservation-places';
import { type NewReservation, type Reservation, type ReservationChange, shown } from './reservation.resource';
import { ReservationReadsService } from './reservation-reads.service';

/** Makes, extends and cancels reservations. */
@Injectable()
export class ReservationsService {
  constructor(
    private readonly allocation: Allocation,
    private readonly ticketOptions: TicketOptionsService,
    private readonly reads: ReservationReadsService,
    private readonly idempotency: IdempotencyService,
  ) {}

  /**
   * Holds tickets of one event for a user: all of them or none.
   *
   * @param caller the client's socket, so that nothing is held for somebody who has hung up
   * @throws Refusal invalid_relationship, not_found, event_cancelled, sales_not_started, sales_ended,
   *   order_limit_exceeded, user_limit_exceeded, insufficient_tickets, overloaded, database_unavailable,
   *   outcome_unknown
   */
  create(wanted: NewReservation, caller: Caller, key?: KeyOfRequest): Promise<Reservation> {
    const locate = (refused: Refused) => placeInRequest(refused, wanted.ticketOptions !== null);
    return this.idempotency.once(key, {
      first: () => this.reserve(wanted, caller, key, locate),
      again: (id) => this.reads.get(id),
      locate,
      recognises: this.knownEventOf(itemsOf(wanted)) !== undefined,
    });
  }

  private async reserve(
    wanted: NewReservation,
    caller: Caller,
    key: RequestKey | undefined,
    locate: (refused: Refused) => Located,
  ): Promise<Reservation> {
    const items = itemsOf(wanted);
    // Asking only when it is not known saves each reservation of a hot event a turn of the event loop.
    const event = this.knownEventOf(items) ?? (await this.eventOf(items, locate));
    const order = { id: newId(), eventId: event, userId: wanted.user, items, key };
    return stateShown(madeOf(await this.allocation.reserve(order, caller), locate), event);
  }

  /**
   * Keeps a reservation until later.
   *
   * @throws Refusal not_found, invalid_attribute, reservation_expired, reservation_cancelled, reservation_paid,
   *   reservation_in_payment, extension_limit_reached
   */
  async change(
    id: string,
    { expiresAt: until }: ReservationChange,
    caller: Caller,
    key: KeyOfRequest = ownKey(),
  ): Promise<Reservation> {
    const reservation = await this.reads.get(id);
    if (until === undefined) return reservation;
    const order = { ...orderFor(reservation), until, key };
    return this.idempotency.once(key, {
      first: async () => {
        const outcome = await this.allocation.extend(order, caller);
        return stateShown(madeOf(outcome, placeInExtension), reservation.event);
      },
      again: () => this.reads.get(id),
      locate: placeInExtension,
    });
  }

  /**
   * Gives the tickets of a reservation back. One that is over or cancelled already is left as it is.
   *
   * @throws Refusal not_found, reservation_paid, reservation_in_payment
   */
  async cancel(id: string, caller: Caller): Promise<void> {
    const reservation = await this.reads.get(id);
    madeOf(await this.allocation.cancel(orderFor(reservation), caller), () => ({}));
  }

  /** @returns the event that all the options belong to, if the process knows it without asking the database. */
  private knownEventOf(items: readonly Item[]): string | undefined {
    const [first] = items;
    const event = first && this.ticketOptions.knownEventOf(first.ticketOptionId);
    const isOne = items.every((item) => this.ticketOptions.knownEventOf(item.ticketOptionId) === event);
    return isOne ? event : undefined;
  }

  /** @returns the event that all the options belong to. @throws Refusal not_found, invalid_relationship */
  private async eventOf(items: readonly Item[], locate: (refused: Refused) => Located): Promise<string> {
    const events = await Promise.all(items.map(({ ticketOptionId: id }) => this.eventOfOption(id)));
    const unknown = events.flatMap((event, item): Refused[] =>
      event === undefined ? [{ code: 'not_found', item }] : [],
    );
    const [first, ...rest] = unknown;
    if (first !== undefined) return madeOf({ refused: [first, ...rest] }, locate);
    const [event = ''] = events;
    const item = events.findIndex((other) => other !== event);
    if (item === -1) return event;
    const detail = 'All ticket options of a reservation belong to the same event; this one does not.';
    return madeOf({ refused: [{ code: 'invalid_relationship', detail, item }] }, locate);
  }

  private async eventOfOption(id: string): Promise<string | undefined> {
    return isUuid(id) ? this.ticketOptions.eventOf(id) : undefined;
  }
}

/** @returns what is wanted, from either shape of the request. */
function itemsOf({ ticketOption, quantity, ticketOptions }: NewReservation): Item[] {
  if (ticketOptions === null) return [{ ticketOptionId: ticketOption ?? '', quantity: quantity ?? 0 }];
  return ticketOptions.map((link) => ({ ticketOptionId: link.id, quantity: link.quantity }));
}

/** What a reservation holds never changes, so it may have been read at any time. */
function orderFor({ id, event, ticketOptions }: Reservation) {
  return { id, eventId: event, ticketOptionIds: ticketOptions?.map((link) => link.id) ?? [] };
}

function stateShown(state: ReservationState, event: string): Reservation {
  const { id, userId: user, status, expiresAt, createdAt, items, paymentId, purchaseIds } = state;
  return shown({ id, user, event, status, expiresAt, createdAt, items, paymentId, purchaseIds });
}
