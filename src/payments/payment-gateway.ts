/** Money that was taken. */
export interface Charge {
  readonly amountCents: bigint;
  readonly currency: string;
}

/** The gateway's no: nothing was charged. The message is its own sentence, and may be told to the client. */
export abstract class GatewayRefusal extends Error {
  abstract readonly code: 'card_error' | 'payment_error' | 'currency_error';
}

export class CardError extends GatewayRefusal {
  readonly code = 'card_error';

  constructor() {
    super('Your card has been declined');
  }
}

export class PaymentError extends GatewayRefusal {
  readonly code = 'payment_error';

  constructor() {
    super('Something went wrong with your transaction');
  }
}

export class CurrencyError extends GatewayRefusal {
  readonly code = 'currency_error';

  constructor(currency: string) {
    super(`Currency ${currency} not supported`);
  }
}

/** The key was called off before, so nothing was charged. */
export class VoidedError extends Error {
  constructor() {
    super('The charge has been called off');
  }
}

/**
 * Whoever takes the money. Each charge has a key, and each refund one of its own, so that however often something is
 * asked for it is done once. An error that is none of the above says that nobody knows: it may have been done. Each call
 * has to end: give the client of a gateway a timeout below `PAYMENT_LEASE_SECONDS`.
 */
export abstract class PaymentGateway {
  /**
   * Takes money. The same key again answers the first charge.
   *
   * @param token stands for the client's card; never to be stored or logged
   * @throws CardError, PaymentError, CurrencyError, VoidedError: nothing was charged
   */
  abstract charge(key: string, amountCents: bigint, token: string, currency?: string): Promise<Charge>;

  /** @returns the charge with that key, if there is one by now; one that is under way may still succeed. */
  abstract find(key: string): Promise<Charge | undefined>;

  /**
   * Sees to it that nothing can be charged with that key from now on.
   *
   * @returns the charge that there was already, which stays
   */
  abstract void(key: string): Promise<Charge | undefined>;

  /** Gives back a part of a charge, or all of it. The same `refundKey` again does nothing. Never more than was charged. */
  abstract refund(key: string, refundKey: string, amountCents: bigint): Promise<void>;
}
