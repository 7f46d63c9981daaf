import { Injectable } from '@nestjs/common';
import { isStale, type Manner, type OptionChanges } from '../../src/allocation/changes';
import { readOption } from '../../src/allocation/change-option';
import { refusedFor, type Task } from '../../src/allocation/orders';
import { Tasks } from '../../src/allocation/tasks';
import { queryOne } from '../../src/database/sql';

/** Compares the version before it has the lock: what a handler does that reads, compares and then saves. */
@Injectable()
export class ChecksTooEarly extends Tasks {
  override changeOption(eventId: string, id: string, changes: OptionChanges, manner: Manner): Task {
    const { run, ...task } = super.changeOption(eventId, id, changes, { key: manner.key });
    return {
      ...task,
      run: async (client, again) => {
        const found = await queryOne(client, readOption, [eventId, id]);
        return found !== undefined && isStale(found, manner)
          ? refusedFor({ code: 'precondition_failed' })
          : run(client, again);
      },
    };
  }
}
