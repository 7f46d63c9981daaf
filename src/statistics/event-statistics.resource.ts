import { Resource, ToOne } from '../json-api';
import { Counts } from './counts';

/** What is counted of one event, as the API shows it; its id is that of the event. */
@Resource({
  type: 'event_statistics',
  path: '/statistics/events',
  description: 'What is left, sold and earned of one event. The id is that of the event.',
})
export class EventStatistics extends Counts {
  readonly id: string;

  @ToOne('events', { write: 'never', description: 'What is counted.' })
  readonly event: string;
}
