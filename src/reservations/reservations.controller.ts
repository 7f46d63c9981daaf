import { Controller } from '@nestjs/common';
import { byBuyer, byBuyerOrManager, inAddress, USER_IN_BODY, USER_IN_FILTER } from '../auth/access';
import type { Caller } from '../allocation/lanes';
import type { KeyOfRequest } from '../idempotency/request-key';
import {
  ChangeResource,
  choice,
  type Compound,
  Connection,
  CreateResource,
  Decoded,
  FetchResource,
  Include,
  Key,
  Listing,
  ListResources,
  type Page,
  RemoveResource,
  ResourceId,
  uuid,
} from '../json-api';
import { type NewReservation, Reservation, type ReservationChange } from './reservation.resource';
import { ReservationReadsService, type ReservationsRequest } from './reservation-reads.service';
import { ReservationsService } from './reservations.service';

/** `/reservations`: holding tickets for a while, and what is held. */
@Controller('reservations')
export class ReservationsController {
  constructor(
    private readonly reservations: ReservationsService,
    private readonly reads: ReservationReadsService,
  ) {}

  @CreateResource(Reservation, {
    summary: 'Reserve tickets',
    access: byBuyer(USER_IN_BODY),
    description:
      'Of one kind: `attributes.quantity` and the relationship `ticket_option`. Of several kinds of one event: the relationship `ticket_options`, each identifier with `meta.quantity`. All of them are held or none.',
    refusals: [
      'not_found',
      'event_cancelled',
      'sales_not_started',
      'sales_ended',
      'order_limit_exceeded',
      'user_limit_exceeded',
      'insufficient_tickets',
    ],
  })
  create(
    @Decoded() reservation: NewReservation,
    @Connection() caller: Caller,
    @Key() key?: KeyOfRequest,
  ): Promise<Reservation> {
    return this.reservations.create(reservation, caller, key);
  }

  @ListResources(Reservation, {
    summary: 'List reservations',
    access: byBuyerOrManager(USER_IN_FILTER),
    description:
      'In the order in which they were made. The active ones of a user are the tickets that are reserved for them now.',
    filters: {
      user: { kind: uuid(), description: 'Only those of this user.' },
      event: { kind: uuid(), description: 'Only those of this event.' },
      status: choice(['active', 'paying', 'paid', 'cancelled', 'expired']),
    },
    include: ['ticket_options', 'event', 'purchases'],
  })
  list(@Listing() request: ReservationsRequest): Promise<Page<Reservation>> {
    return this.reads.list(request);
  }

  @FetchResource(Reservation, {
    summary: 'Read a reservation',
    access: byBuyerOrManager(inAddress('reservations')),
    include: ['ticket_options', 'event', 'purchases'],
  })
  find(
    @ResourceId() id: string,
    @Include() include: ReadonlySet<string>,
  ): Promise<Reservation | Compound<Reservation>> {
    return include.size > 0 ? this.reads.getWith(id, include) : this.reads.get(id);
  }

  @ChangeResource(Reservation, {
    summary: 'Extend a reservation',
    access: byBuyer(inAddress('reservations')),
    description: 'Puts off `expires_at`, up to a limit that counts from when the tickets were reserved.',
    refusals: [
      'reservation_expired',
      'reservation_cancelled',
      'reservation_paid',
      'reservation_in_payment',
      'extension_limit_reached',
    ],
  })
  change(
    @ResourceId() id: string,
    @Decoded() change: ReservationChange,
    @Connection() caller: Caller,
    @Key() key?: KeyOfRequest,
  ): Promise<Reservation> {
    return this.reservations.change(id, change, caller, key);
  }

  @RemoveResource(Reservation, {
    summary: 'Cancel a reservation',
    access: byBuyer(inAddress('reservations')),
    description: 'Its tickets are for sale again. One that is over or cancelled already is left as it is.',
    refusals: ['reservation_paid', 'reservation_in_payment'],
  })
  cancel(@ResourceId() id: string, @Connection() caller: Caller): Promise<void> {
    return this.reservations.cancel(id, caller);
  }
}
