import { Attribute, bigInteger, instant, Resource, ToOne } from '../json-api';
import { money } from './money';

/** What was sold within one interval, as the API shows it. */
@Resource({
  type: 'sales_points',
  path: '/statistics/sales',
  description: 'What was sold within one minute, hour or day.',
  ids: 'text',
  exampleId: 'hour:2027-06-01T18:00:00.000Z',
  address: () => null,
})
export class SalesPoint {
  readonly id: string;

  @Attribute(instant(), {
    write: 'never',
    description: 'When the minute, hour or day begins, in UTC.',
    example: '2027-06-01T18:00:00.000Z',
  })
  readonly startsAt: Date;

  @Attribute(bigInteger({ minimum: 0n }), {
    write: 'never',
    description: 'How many tickets were sold in it, without those that were refunded since.',
    example: 120,
  })
  readonly sold: bigint;

  @Attribute(money, {
    write: 'never',
    description: 'What was paid for them, in euro cents.',
    example: 600_000,
  })
  readonly revenueCents: bigint;

  @ToOne('events', {
    write: 'never',
    nullable: true,
    description: 'The event that they are tickets of, with `filter[event]`; null for those of all events.',
  })
  readonly event: string | null;
}
