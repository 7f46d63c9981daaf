import { Inject, Injectable } from '@nestjs/common';
import { Attempts } from '../../src/allocation/attempts';
import { isTake, type Job, type Order, type Outcome } from '../../src/allocation/orders';
import type { StockHint } from '../../src/allocation/stock-hint';
import { Turn } from '../../src/allocation/turn';
import { newId } from '../../src/ids';
import type { TicketOption } from '../../src/ticket-options/ticket-option.resource';
import { TicketOptionsRepository } from '../../src/ticket-options/ticket-options.repository';

/** Tries again what has lost its answer, as many services do: the same wish, but as a new purchase. */
@Injectable()
export class RetriesWithNewIds extends Attempts {
  @Inject(Turn) private readonly straight: Turn;

  /** Every event by itself, so that nothing gets around what is broken. */
  override mayJoin(): boolean {
    return false;
  }

  override async serve(jobs: readonly Job[], hint: StockHint): Promise<Outcome[]> {
    const [first, ...rest] = jobs.filter((job): job is Order => job.kind !== 'task' && isTake(job));
    if (first === undefined || rest.length + 1 < jobs.length) return super.serve(jobs, hint);
    return this.straight.serve([first, ...rest], hint).catch(() => {
      const anew = jobs.map((job) => ({ ...job, id: newId() }));
      return super.serve(anew, hint);
    });
  }
}

/** For how long what was read of an option is good enough here, in milliseconds. */
const GOOD_ENOUGH_MS = 300;

/** Remembers what it has read for a while: what a cache in front of the database does. */
@Injectable()
export class RemembersReads extends TicketOptionsRepository {
  private readonly remembered = new Map<string, { untilMs: number; option: TicketOption | undefined }>();

  override async find(id: string, eventId: string): Promise<TicketOption | undefined> {
    const known = this.remembered.get(id);
    if (known !== undefined && known.untilMs > performance.now()) return known.option;
    const option = await super.find(id, eventId);
    this.remembered.set(id, { untilMs: performance.now() + GOOD_ENOUGH_MS, option });
    return option;
  }
}
