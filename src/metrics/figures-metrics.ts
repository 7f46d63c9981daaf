import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Gauge, type Registry } from 'prom-client';
import { type Figures, type FiguresRepository } from './figures.repository';

/** Longer than a scrape should be held up. */
const WITHIN_MS = 2_000;

/**
 * Registers what is read from the database. It is the same whichever instance tells it, survives their ends, and costs
 * a sale nothing: the counters are those of the statistics, which move in the transactions that they tell of. When the
 * database does not answer, these metrics have no value, and `holdfast_database_up` is 0.
 *
 * @returns reads them anew; to be awaited before the registry is asked
 */
export function registerFigures(registry: Registry, repository: FiguresRepository): () => Promise<void> {
  let figures: Figures | undefined;
  const registers = [registry];
  const counter = (name: string, help: string, value: (of: Figures) => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.remove();
        if (figures !== undefined) this.inc(value(figures));
      },
    });
  counter(
    'holdfast_reservations_created_total',
    'Reservations made, in the whole database.',
    (of) => of.created,
  );
  counter('holdfast_reservations_paid_total', 'Reservations paid, in the whole database.', (of) => of.paid);
  counter(
    'holdfast_reservations_cancelled_total',
    'Reservations cancelled, in the whole database.',
    (of) => of.cancelled,
  );
  counter(
    'holdfast_reservations_expired_total',
    'Reservations that were over and given back, in the whole database.',
    (of) => of.expired,
  );
  new Gauge({
    name: 'holdfast_tickets',
    help: 'Tickets over all events: for sale, held, and bought.',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      for (const [state, count] of Object.entries(figures?.tickets ?? {})) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'holdfast_expiry_lag_seconds',
    help: 'For how long the hold has been over that has been so for longest and is not given back; 0 when there is none.',
    registers,
    collect() {
      this.remove();
      if (figures !== undefined) this.set(figures.overSeconds);
    },
  });
  new Gauge({
    name: 'holdfast_database_up',
    help: 'Whether the database told its figures within two seconds.',
    registers,
    collect() {
      this.set(figures === undefined ? 0 : 1);
    },
  });

  return async () => {
    const late = sleep(WITHIN_MS, undefined, { ref: false });
    figures = await Promise.race([repository.find().catch(() => undefined), late]);
  };
}
