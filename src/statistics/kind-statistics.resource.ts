import { Attribute, bigInteger, Resource, text } from '../json-api';
import { money } from './money';

const count = bigInteger({ minimum: 0n });

/** What is counted of one kind of ticket, over all events or within one, as the API shows it. */
@Resource({
  type: 'kind_statistics',
  path: '/statistics/kinds',
  description:
    'What is left, sold and earned of one kind of ticket, such as VIP. Over all events the id is the kind in lower case; within an event that of the event stands in front of it, with a colon between them.',
  ids: 'text',
  exampleId: 'vip',
})
export class KindStatistics {
  readonly id: string;

  @Attribute(text({ maximum: 50 }), {
    write: 'never',
    description:
      'What the kind is called. Kinds are compared without regard to case; of several spellings, this is the first in the order of the code points (capitals before small letters).',
    example: 'VIP',
  })
  readonly kind: string;

  @Attribute(count, { write: 'never', description: 'How many tickets there are.', example: 500 })
  readonly allocation: bigint;

  @Attribute(count, {
    write: 'never',
    description: 'How many of them are for sale now. Those whose reservation is over are counted.',
    example: 60,
  })
  readonly remaining: bigint;

  @Attribute(count, { write: 'never', description: 'How many are held by reservations.', example: 40 })
  readonly reserved: bigint;

  @Attribute(count, {
    write: 'never',
    description: 'How many are sold; what was refunded is for sale again.',
    example: 400,
  })
  readonly sold: bigint;

  @Attribute(money, {
    write: 'never',
    description: 'What was paid for the tickets that are sold, in euro cents; refunds are taken off.',
    example: 2_000_000,
  })
  readonly revenueCents: bigint;
}
