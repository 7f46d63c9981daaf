import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Attempts } from './attempts';
import type { EventChanges, Manner, OptionChanges } from './changes';
import { type Caller, LANE_LIMITS, Lanes, type Server } from './lanes';
import type {
  ChangeOrder,
  Outcome,
  PaymentMade,
  PayOrder,
  PurchaseMade,
  RefundMade,
  RefundOrder,
  ReservationState,
  SettleOrder,
  TakeOrder,
} from './orders';
import { StockHint } from './stock-hint';
import { Tasks } from './tasks';
import { TURN_OBSERVER, type TurnObserver } from './turn-observer';

/** How many lanes there are; a class, so that it can be injected. */
export class AllocationSettings {
  constructor(readonly lanes: number) {}
}

/** How the lanes are doing. */
export interface LanesState {
  /** Orders that wait for their turn. */
  readonly waiting: number;
  /** How long the one that has waited longest has waited. */
  readonly oldestMs: number;
}

/**
 * The only door to the stock: whatever moves it, or decides on moving it, takes its turn in the lanes. A success is
 * durable. `caller` lets an order be dropped whose client goes away before its turn; with a `key` it has its effect once.
 */
@Injectable()
export class Allocation implements OnApplicationShutdown {
  private readonly lanes: Lanes;

  constructor(
    attempts: Attempts,
    private readonly tasks: Tasks,
    { lanes }: AllocationSettings,
    @Inject(TURN_OBSERVER) observer: TurnObserver,
  ) {
    const hint = new StockHint();
    const server: Server = {
      serve: (jobs) => attempts.serve(jobs, hint),
      mayJoin: (jobs) => attempts.mayJoin(jobs, hint),
      serveTogether: (groups) => attempts.serveTogether(groups, hint),
    };
    this.lanes = new Lanes(server, { ...LANE_LIMITS, lanes }, observer);
  }

  /** Sells tickets of one option without a price to one user, all or nothing. */
  buy(order: Omit<TakeOrder, 'kind'>, caller?: Caller): Promise<Outcome<PurchaseMade>> {
    return this.lanes.submit({ kind: 'buy', ...order }, caller) as Promise<Outcome<PurchaseMade>>;
  }

  /** Holds tickets of one or more options of one event for one user, all or nothing. */
  reserve(order: Omit<TakeOrder, 'kind'>, caller?: Caller): Promise<Outcome<ReservationState>> {
    return this.lanes.submit({ kind: 'reserve', ...order }, caller) as Promise<Outcome<ReservationState>>;
  }

  /** Keeps an active reservation until later. The same instant again is a success that changes nothing. */
  extend(
    order: Omit<ChangeOrder, 'kind'> & { until: Date },
    caller?: Caller,
  ): Promise<Outcome<ReservationState>> {
    return this.lanes.submit({ kind: 'extend', ...order }, caller) as Promise<Outcome<ReservationState>>;
  }

  /** Gives an active reservation back; one that is over or cancelled already is left as it is. */
  cancel(order: Omit<ChangeOrder, 'kind'>, caller?: Caller): Promise<Outcome<ReservationState>> {
    return this.lanes.submit({ kind: 'cancel', ...order }, caller) as Promise<Outcome<ReservationState>>;
  }

  /**
   * Begins to pay a reservation: from now on nobody else can. What costs nothing is paid by that.
   *
   * Refused: not_found, event_cancelled, reservation_expired, reservation_cancelled, reservation_paid,
   * reservation_in_payment, currency_error.
   */
  pay(order: Omit<PayOrder, 'kind'>, caller?: Caller): Promise<Outcome<PaymentMade>> {
    return this.lanes.submit({ kind: 'pay', ...order }, caller) as Promise<Outcome<PaymentMade>>;
  }

  /**
   * Settles a payment by what the gateway said of its charge: the tickets become purchases, or can be paid anew. What
   * is settled already stays so, but a charge of which nothing can come begins to be refunded. Refused: not_found.
   */
  settle(order: Omit<SettleOrder, 'kind'>): Promise<Outcome<PaymentMade>> {
    return this.lanes.submit({ kind: 'settle', ...order }) as Promise<Outcome<PaymentMade>>;
  }

  /** Begins to give a purchase back; if nothing was paid for it, it is given back by that. Refused: not_found, purchase_refunded. */
  refund(order: Omit<RefundOrder, 'kind'>, caller?: Caller): Promise<Outcome<RefundMade>> {
    return this.lanes.submit({ kind: 'refund', ...order }, caller) as Promise<Outcome<RefundMade>>;
  }

  /** Ends a refund, once the gateway has given the money back: the tickets are for sale again. Refused: not_found. */
  refunded(order: Omit<RefundOrder, 'kind'>): Promise<Outcome<RefundMade>> {
    return this.lanes.submit({ kind: 'refunded', ...order }) as Promise<Outcome<RefundMade>>;
  }

  /** Changes a ticket option: its words, price, limits, window and allocation. Refused: not_found, precondition_failed, invalid_attribute, allocation_below_committed. */
  changeOption(
    eventId: string,
    ticketOptionId: string,
    changes: OptionChanges,
    manner: Manner = {},
  ): Promise<Outcome> {
    return this.lanes.submit(this.tasks.changeOption(eventId, ticketOptionId, changes, manner));
  }

  /** Deletes an option of which no ticket was ever reserved or sold. Refused: not_found, precondition_failed, ticket_option_in_use. */
  removeOption(eventId: string, ticketOptionId: string, manner: Manner = {}): Promise<Outcome> {
    return this.lanes.submit(this.tasks.removeOption(eventId, ticketOptionId, manner));
  }

  /** Changes an event, or cancels it together with its active reservations. Refused: not_found, precondition_failed, invalid_attribute, event_cancelled. */
  changeEvent(eventId: string, changes: EventChanges, manner: Manner = {}): Promise<Outcome> {
    return this.lanes.submit(this.tasks.changeEvent(eventId, changes, manner));
  }

  /** Deletes an event with its options, if no ticket of it was ever reserved or sold. Refused: not_found, precondition_failed, event_in_use. */
  removeEvent(eventId: string, manner: Manner = {}): Promise<Outcome> {
    return this.lanes.submit(this.tasks.removeEvent(eventId, manner));
  }

  /**
   * Gives back holds that are over, oldest first: up to `most` of each option, and whatever else their reservations
   * hold. Nothing, if another instance is doing so.
   *
   * @returns how many holds were given back
   */
  async releaseOver(eventId: string, ticketOptionIds: readonly string[], most: number): Promise<number> {
    const { made } = await this.lanes.submit(this.tasks.releaseOver(eventId, ticketOptionIds, most));
    return typeof made === 'number' ? made : 0;
  }

  get state(): LanesState {
    return { waiting: this.lanes.depth, oldestMs: this.lanes.oldestMs };
  }

  /** No more requests come in by now; resolves when every order has been answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.lanes.idle();
  }
}
