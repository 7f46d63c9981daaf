import {
  extension,
  newPayment,
  newPurchase,
  newReservation,
  type Payment,
  type Purchase,
  type Reservation,
  type Resource,
  type TicketOption,
  toOne,
  type Wish,
} from './demo-documents';

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly meta?: { readonly latest?: string; readonly payment_id?: string };
}

interface Document {
  readonly data?: unknown;
  readonly errors?: readonly [Problem, ...Problem[]];
}

interface Answer {
  readonly status: number;
  readonly document: Document | undefined;
}

/** How long an answer may take; the service gives up earlier. */
const PATIENCE_MS = 15_000;

/** The service said no. The message is a sentence. */
class Refused extends Error {
  constructor(
    asked: string,
    readonly problem: Problem,
  ) {
    super(`${asked} was refused: ${problem.detail}`);
  }
}

/** Asks a running service for what the demo wants, over HTTP alone. */
export class DemoClient {
  /** @param url where the service is, without a slash at its end */
  constructor(readonly url: string) {}

  createEvent(attributes: object): Promise<Resource> {
    return this.send('POST', '/events', { type: 'events', attributes });
  }

  createOption(event: string, attributes: object): Promise<TicketOption> {
    const relationships = { event: toOne('events', event) };
    return this.send('POST', '/ticket_options', { type: 'ticket_options', attributes, relationships });
  }

  /** @returns the ticket options of an event as they are now. */
  options(event: string): Promise<TicketOption[]> {
    return this.send('GET', `/events/${event}/ticket_options`);
  }

  reserve(user: string, wishes: readonly Wish[]): Promise<Reservation> {
    return this.send('POST', '/reservations', newReservation(user, wishes));
  }

  /** Extends a reservation by as much again, or as far as the service lets it. */
  async extend({ id, attributes }: Reservation): Promise<Reservation> {
    const { created_at: from, expires_at: until } = attributes;
    const wanted = new Date(2 * Date.parse(until) - Date.parse(from)).toISOString();
    const extendTo = (time: string): Promise<Reservation> =>
      this.send('PATCH', `/reservations/${id}`, extension(id, time));
    return extendTo(wanted).catch((error: unknown) => {
      const latest = error instanceof Refused ? error.problem.meta?.latest : undefined;
      if (latest === undefined) throw error;
      return extendTo(latest);
    });
  }

  async cancel({ id }: Reservation): Promise<void> {
    await this.send('DELETE', `/reservations/${id}`);
  }

  /** @returns the reservation as it stands now. */
  reservation(id: string): Promise<Reservation> {
    return this.send('GET', `/reservations/${id}`);
  }

  /** Pays a reservation. @returns the attempt as it stands now, also when nothing has come of it */
  async pay({ id }: Reservation, token: string): Promise<Payment> {
    const made = this.send<Payment>('POST', '/payments', newPayment(id, token));
    return made.catch((error: unknown) => {
      const attempt = error instanceof Refused ? error.problem.meta?.payment_id : undefined;
      if (attempt === undefined) throw error;
      return this.payment(attempt);
    });
  }

  /** @returns the payment as it stands now. */
  payment(id: string): Promise<Payment> {
    return this.send('GET', `/payments/${id}`);
  }

  buy(user: string, wish: Wish): Promise<Purchase> {
    return this.send('POST', '/purchases', newPurchase(user, wish));
  }

  /** @returns the purchase as it stands now. */
  purchase(id: string): Promise<Purchase> {
    return this.send('GET', `/purchases/${id}`);
  }

  async refund({ id }: Purchase): Promise<void> {
    await this.send('DELETE', `/purchases/${id}`);
  }

  /** @returns the data of the answer; whoever asks knows what it is. */
  private async send<T>(method: string, path: string, data?: object): Promise<T> {
    const { status, document } = await this.ask(method, path, data);
    if (document?.errors !== undefined) throw new Refused(`${method} ${path}`, document.errors[0]);
    if (document?.data === undefined && method !== 'DELETE')
      throw new Error(`${this.url} is no Holdfast: it answers ${method} ${path} with ${status}.`);
    return document?.data as T;
  }

  private async ask(method: string, path: string, data?: object): Promise<Answer> {
    const patience = new AbortController();
    const timer = setTimeout(() => {
      patience.abort();
    }, PATIENCE_MS);
    try {
      const answer = await fetch(this.url + path, {
        method,
        headers: { 'Content-Type': 'application/vnd.api+json' },
        signal: patience.signal,
        ...(data !== undefined && { body: JSON.stringify({ data }) }),
      });
      return { status: answer.status, document: parse(await answer.text()) };
    } catch {
      throw new Error(
        `Nothing answers at ${this.url}; start the service with npm start, or say where it is: npm run demo -- http://host:port`,
      );
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @returns undefined for what is no document at all. */
function parse(text: string): Document | undefined {
  try {
    return (JSON.parse(text) as Document | null) ?? undefined;
  } catch {
    return undefined;
  }
}
