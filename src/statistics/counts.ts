import { Attribute, bigInteger, fraction } from '../json-api';
import { money } from './money';

const count = bigInteger({ minimum: 0n });

/** What is counted of one event, or of all of them. */
export class Counts {
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

  @Attribute(fraction(), {
    write: 'never',
    description: 'The share of the tickets that is sold: `sold / allocation`, 0 where there are none.',
    example: 0.8,
  })
  readonly sellThrough: number;

  @Attribute(money, {
    write: 'never',
    description: 'What was paid for the tickets that are sold, in euro cents; refunds are taken off.',
    example: 2_000_000,
  })
  readonly revenueCents: bigint;

  @Attribute(count, {
    write: 'never',
    description: 'How many reservations were ever made.',
    example: 300,
  })
  readonly reservationsCreated: bigint;

  @Attribute(count, { write: 'never', description: 'How many of them were paid.', example: 240 })
  readonly reservationsPaid: bigint;

  @Attribute(count, { write: 'never', description: 'How many of them were cancelled.', example: 10 })
  readonly reservationsCancelled: bigint;

  @Attribute(count, {
    write: 'never',
    description: 'How many of them ran out of time without being paid.',
    example: 30,
  })
  readonly reservationsExpired: bigint;

  @Attribute(fraction(), {
    write: 'never',
    description:
      'The share of the reservations that were paid: `reservations_paid / reservations_created`, 0 where there are none.',
    example: 0.8,
  })
  readonly conversion: number;
}
