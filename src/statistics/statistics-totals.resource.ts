import { Attribute, integer, Resource } from '../json-api';
import { Counts } from './counts';

/** The id of the only resource of its type. */
export const TOTALS = 'totals';

/** What is counted over all events, as the API shows it. There is one of it. */
@Resource({
  type: 'statistics_totals',
  path: '/statistics/totals',
  description: 'What is left, sold and earned over all events.',
  ids: 'text',
  exampleId: TOTALS,
  address: () => '/statistics/totals',
})
export class StatisticsTotals extends Counts {
  readonly id: typeof TOTALS;

  @Attribute(integer({ minimum: 0 }), {
    write: 'never',
    description: 'How many events there are, whatever their state.',
    example: 12,
  })
  readonly events: number;
}
