import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { allOf } from '../database/connections';
import { arrayOf, query, queryOne, statement } from '../database/sql';
import { changeEvent, removeEvent } from './change-event';
import { changeOption, removeOption } from './change-option';
import type { EventChanges, Manner, OptionChanges } from './changes';
import { type Outcome, refusedFor, type Task } from './orders';
import { release } from './release';
import { lockWidely } from './statements';

/** Makes the tasks that have a turn of their own. */
@Injectable()
export class Tasks {
  changeOption(eventId: string, ticketOptionId: string, changes: OptionChanges, manner: Manner): Task {
    const run = (client: PoolClient) => changeOption(client, eventId, ticketOptionId, changes, manner);
    return { ...task(ticketOptionId, eventId, run), key: manner.key };
  }

  removeOption(eventId: string, ticketOptionId: string, manner: Manner): Task {
    return task(ticketOptionId, eventId, (client, again) =>
      removeOption(client, eventId, ticketOptionId, again, manner),
    );
  }

  changeEvent(eventId: string, changes: EventChanges, manner: Manner): Task {
    const run = (client: PoolClient) => changeEvent(client, eventId, changes, manner);
    return { ...task(eventId, eventId, run), key: manner.key };
  }

  removeEvent(eventId: string, manner: Manner): Task {
    return task(eventId, eventId, (client, again) => removeEvent(client, eventId, again, manner));
  }

  /**
   * Gives back what reservations hold that are over: up to `most` of each option. Refused, with nothing changed, when
   * another instance is doing so for this event.
   */
  releaseOver(eventId: string, ticketOptionIds: readonly string[], most: number): Task {
    const tickets = new Map(ticketOptionIds.map((id) => [id, Number.MAX_SAFE_INTEGER]));
    return task(eventId, eventId, async (client) => {
      const [sweeper, , made] = await allOf([
        queryOne(client, becomeSweeper, [eventId]),
        query(client, lockWidely, [eventId, arrayOf(ticketOptionIds)]),
        release(client, eventId, null, { tickets, users: [], most }),
      ]);
      return sweeper?.locked === true ? { made } : refusedFor({ code: 'overloaded' });
    });
  }
}

function task(
  id: string,
  eventId: string,
  run: (client: PoolClient, again: boolean) => Promise<Outcome>,
): Task {
  return { kind: 'task', id, eventId, run };
}

/** Until the transaction ends, nobody else sweeps this event. Any constant will do. Parameters: event. */
const becomeSweeper = statement<{ locked: boolean }>(
  'become_sweeper',
  `SELECT pg_try_advisory_xact_lock(480517, hashtext($1)) AS locked`,
);
