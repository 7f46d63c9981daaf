import type { Effect } from './effects';

interface Payment {
  readonly reservation: string;
  readonly cents: number;
  refundedCents: number;
  status: 'pending' | 'succeeded' | 'failed' | 'refunding' | 'partially_refunded' | 'refunded';
  code: string | null;
}

interface Charge {
  readonly cents: number;
  readonly isCalledOff: boolean;
}

interface Refund {
  readonly payment: string | null;
  readonly purchase: string | null;
  readonly cents: number;
  isGivenBack: boolean;
  isDone: boolean;
}

/** Where the money is: which way every cent of it may go, step by step. */
export class Till {
  readonly payments = new Map<string, Payment>();
  readonly charges = new Map<string, Charge>();
  readonly refunds = new Map<string, Refund>();

  /** @returns what is wrong with it: it may not happen as things are */
  apply(effect: Effect): string[] {
    const isRight = this.follow(effect);
    return isRight ? [] : [`the money does not allow ${JSON.stringify(effect)}`];
  }

  /** @returns whether a purchase is given back, or about to be. */
  isRefunding(purchase: string): boolean {
    return this.refundsOf('purchase', purchase).length > 0;
  }

  private follow(effect: Effect): boolean {
    switch (effect.kind) {
      case 'paying':
        return this.begin(effect, 'pending');
      case 'paid':
        return effect.cents === 0
          ? this.begin(effect, 'succeeded')
          : this.isCharged(effect.id) && this.turn(effect.id, ['pending'], 'succeeded');
      case 'failed':
        return (
          !this.isCharged(effect.id) &&
          // The card may be refused although the charge was called off meanwhile: then two have found that it is nothing.
          (effect.code !== 'voided' || this.charges.get(effect.id)?.isCalledOff === true) &&
          this.turn(effect.id, ['pending'], 'failed', effect.code)
        );
      case 'turned back':
        // That what was called off is charged all the same can only be if the gateway does not keep its word.
        return this.isCharged(effect.id) && this.turn(effect.id, ['pending'], 'refunding', effect.code);
      case 'charged':
      case 'called off':
        return this.charge(effect);
      case 'refund begun':
        return this.beginRefund(effect);
      case 'given back':
        return this.giveBack(effect);
      case 'refund done':
        return this.endRefund(effect.id);
      case 'repaid':
        return this.repay(effect);
      case 'returned':
        return this.refundsOf('purchase', effect.id).some(({ isDone }) => isDone);
      default:
        return true;
    }
  }

  private begin(
    { id, reservation, cents }: Extract<Effect, { kind: 'paying' | 'paid' }>,
    status: Payment['status'],
  ): boolean {
    const isNew = !this.payments.has(id);
    this.payments.set(id, { reservation, cents, refundedCents: 0, status, code: null });
    return isNew && (status === 'succeeded' || cents > 0);
  }

  private turn(
    id: string,
    from: readonly Payment['status'][],
    status: Payment['status'],
    code: string | null = null,
  ): boolean {
    const payment = this.payments.get(id);
    if (payment === undefined) return false;
    const isRight = from.includes(payment.status);
    Object.assign(payment, { status, code: code ?? payment.code });
    return isRight;
  }

  private charge({ id, kind, cents }: Extract<Effect, { kind: 'charged' | 'called off' }>): boolean {
    const isCalledOff = kind === 'called off';
    const payment = this.payments.get(id);
    const isNew = !this.charges.has(id);
    this.charges.set(id, { cents, isCalledOff });
    // Whoever calls off may be late: the card was refused meanwhile.
    if (isCalledOff) return isNew && (payment?.status === 'pending' || payment?.status === 'failed');
    return isNew && payment?.status === 'pending' && cents === payment.cents;
  }

  private isCharged(id: string): boolean {
    return this.charges.get(id)?.isCalledOff === false;
  }

  private beginRefund(effect: Extract<Effect, { kind: 'refund begun' | 'refund done' }>): boolean {
    const { id, payment, purchase, cents, isDone } = effect;
    const isTwice = purchase !== null && this.isRefunding(purchase);
    this.refunds.set(id, { payment, purchase, cents, isGivenBack: false, isDone });
    if (purchase !== null) return !isTwice && isDone === (cents === 0);
    const of = this.payments.get(payment ?? '');
    const others = this.refundsOf('payment', payment ?? '').length - 1;
    return of?.status === 'refunding' && of.cents === cents && others === 0 && !isDone;
  }

  private giveBack({ id, payment, cents }: Extract<Effect, { kind: 'given back' }>): boolean {
    const refund = this.refunds.get(id);
    if (refund === undefined) return false;
    const isRight = !refund.isGivenBack && !refund.isDone && this.isCharged(payment);
    refund.isGivenBack = true;
    return isRight && refund.payment === payment && refund.cents === cents;
  }

  private endRefund(id: string): boolean {
    const refund = this.refunds.get(id);
    if (refund === undefined) return false;
    const isRight = refund.isGivenBack && !refund.isDone;
    refund.isDone = true;
    return isRight;
  }

  private repay({ id, cents, isAll }: Extract<Effect, { kind: 'repaid' }>): boolean {
    const payment = this.payments.get(id);
    if (payment === undefined) return false;
    const done = this.refundsOf('payment', id).filter(({ isDone }) => isDone);
    payment.refundedCents = done.reduce((sum, refund) => sum + refund.cents, 0);
    const from = ['succeeded', 'partially_refunded', 'refunding'] as const;
    const isRight = this.turn(id, from, isAll ? 'refunded' : 'partially_refunded');
    return isRight && payment.refundedCents === cents && isAll === (cents === payment.cents);
  }

  private refundsOf(what: 'payment' | 'purchase', id: string): Refund[] {
    return [...this.refunds.values()].filter((refund) => refund[what] === id);
  }
}
