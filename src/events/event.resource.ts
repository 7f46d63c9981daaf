import { ValidateBy } from 'class-validator';
import {
  Attribute,
  type Changes,
  choice,
  instant,
  integer,
  type New,
  Resource,
  text,
  ToMany,
} from '../json-api';

/** Only an event that was made for a lone ticket option has no date. */
function HasADate(): PropertyDecorator {
  return ValidateBy({
    name: 'hasADate',
    validator: {
      validate: (start) => start !== null,
      defaultMessage: () => '`starts_at` cannot be null.',
    },
  });
}

function EndsAfterItStarts(): PropertyDecorator {
  return ValidateBy({
    name: 'endsAfterItStarts',
    validator: {
      validate: (end, context) => {
        const { startsAt: start } = context?.object as Event;
        return !(start instanceof Date && end instanceof Date) || start < end;
      },
      defaultMessage: () => '`ends_at` must be later than `starts_at`.',
    },
  });
}

/** Something to attend, as the API shows it. */
@Resource({
  type: 'events',
  path: '/events',
  version: ({ updatedAt }: Event) => updatedAt.getTime(),
  description: 'Something to attend: it has a name and a date, and sells one or more ticket options.',
})
export class Event {
  readonly id: string;

  @Attribute(text({ maximum: 200 }), {
    write: 'required',
    description: 'What it is called.',
    example: 'Gala',
  })
  name: string;

  @HasADate()
  @Attribute(instant({ nullable: true }), {
    write: 'required',
    description:
      'When it begins. Null only in answers: an event that was made for a ticket option without one has no date.',
    example: '2027-06-01T18:00:00.000Z',
  })
  startsAt: Date | null;

  @EndsAfterItStarts()
  @Attribute(instant({ nullable: true }), {
    write: 'optional',
    description: 'When it is over; later than `starts_at`.',
    example: '2027-06-01T22:00:00.000Z',
  })
  endsAt: Date | null;

  @Attribute(text({ minimum: 0, maximum: 10_000, nullable: true }), {
    write: 'optional',
    description: 'More about it.',
    example: 'An evening for everybody.',
  })
  description: string | null;

  @Attribute(text({ maximum: 200, nullable: true }), {
    write: 'optional',
    description: 'Where it takes place.',
    example: 'Town hall',
  })
  venue: string | null;

  @Attribute(integer({ minimum: 1, maximum: 2_147_483_647, nullable: true }), {
    write: 'optional',
    description: 'How many tickets one user may have over all its options; null for no limit.',
    example: 4,
  })
  maxTicketsPerUser: number | null;

  @Attribute(choice(['scheduled', 'cancelled']), {
    write: 'never',
    change: true,
    description:
      'Changing it to `cancelled` is final: nothing of the event can be reserved, bought or paid any more.',
  })
  readonly status: 'scheduled' | 'cancelled';

  @Attribute(instant(), { write: 'never', description: 'When it was created.' })
  readonly createdAt: Date;

  @Attribute(instant(), {
    write: 'never',
    description: 'When the organiser last changed it. A sale is no such change.',
  })
  readonly updatedAt: Date;

  @ToMany('ticket_options', {
    write: 'never',
    linked: 'ticket_options',
    description: 'The kinds of ticket that it sells.',
  })
  readonly ticketOptions?: readonly { readonly id: string }[];
}

export type NewEvent = New<Event>;
export type EventChange = Changes<Event, keyof NewEvent | 'status'>;
