import { Controller } from '@nestjs/common';
import { STATISTICS } from '../auth/access';
import {
  choice,
  type Compound,
  FetchResource,
  Include,
  instant,
  Listing,
  ListResources,
  type Page,
  PathText,
  ResourceId,
  uuid,
} from '../json-api';
import { EventStatistics } from './event-statistics.resource';
import { KindStatistics } from './kind-statistics.resource';
import { money } from './money';
import { SalesPoint } from './sales-point.resource';
import { INTERVALS } from './sales-range';
import { type SalesRequest, SalesService } from './sales.service';
import { StatisticsTotals } from './statistics-totals.resource';
import { type KindsRequest, type RankingRequest, StatisticsService } from './statistics.service';

const BUSIEST = {
  type: 'object',
  properties: {
    busiest: {
      description:
        'The point with the most sold in the whole range, the earliest of equals; null without sales.',
      anyOf: [
        {
          type: 'object',
          properties: {
            starts_at: { type: 'string', format: 'date-time' },
            sold: { type: 'integer', format: 'int64', minimum: 1 },
            revenue_cents: money.schema,
          },
          required: ['starts_at', 'sold', 'revenue_cents'],
        },
        { type: 'null' },
      ],
    },
  },
  required: ['busiest'],
} as const;

/** `/statistics`: what is left, sold and earned. */
@Controller('statistics')
export class StatisticsController {
  constructor(
    private readonly statistics: StatisticsService,
    private readonly sales: SalesService,
  ) {}

  @FetchResource(StatisticsTotals, {
    at: 'totals',
    summary: 'Read the figures over all events',
    access: STATISTICS,
  })
  totals(): Promise<StatisticsTotals> {
    return this.statistics.totals();
  }

  @ListResources(EventStatistics, {
    at: 'events',
    summary: 'Rank the events',
    access: STATISTICS,
    description:
      'The figures of each event, in the order of creation unless `sort` names another: `-sell_through` begins with the event that is sold out most. Equal ones are in the order of creation.',
    sort: ['sellThrough', 'revenueCents', 'sold'],
    include: ['event'],
  })
  ranking(@Listing() request: RankingRequest): Promise<Page<EventStatistics>> {
    return this.statistics.ranking(request);
  }

  @FetchResource(EventStatistics, {
    at: 'events/:id',
    summary: 'Read the figures of an event',
    access: STATISTICS,
    include: ['event'],
  })
  ofEvent(
    @ResourceId() id: string,
    @Include() include: ReadonlySet<string>,
  ): Promise<EventStatistics | Compound<EventStatistics>> {
    return include.has('event') ? this.statistics.ofEventWithEvent(id) : this.statistics.ofEvent(id);
  }

  @ListResources(KindStatistics, {
    at: 'kinds',
    summary: 'List the figures of the kinds of ticket',
    access: STATISTICS,
    description:
      'Over all events, or within one, in the order of the kinds. Kinds are compared without regard to case. Ticket options without a kind are in none of them.',
    filters: { event: { kind: uuid(), description: 'Only the tickets of this event.' } },
  })
  listKinds(@Listing() request: KindsRequest): Promise<Page<KindStatistics>> {
    return this.statistics.listKinds(request);
  }

  @FetchResource(KindStatistics, {
    at: 'kinds/:kind',
    summary: 'Read the figures of a kind of ticket',
    access: STATISTICS,
    description:
      'The kind in any case, or the id that a list gave: that of a kind within an event begins with the event.',
  })
  ofKind(@PathText('kind') kind: string): Promise<KindStatistics> {
    return this.statistics.ofKind(kind);
  }

  @ListResources(SalesPoint, {
    at: 'sales',
    summary: 'List what was sold when',
    access: STATISTICS,
    description:
      'The minutes, hours or days (UTC) in which something was sold, in the order of time. What was refunded is taken off where it was sold. The longest range is 1 day of minutes, 31 days of hours or 366 days of days.',
    filters: {
      event: { kind: uuid(), description: 'Only the tickets of this event.' },
      from: {
        kind: instant(),
        description: 'Begins with the interval that this is in; by default the longest range before the end.',
      },
      to: { kind: instant(), description: 'Ends before the interval that begins at this; by default now.' },
      interval: { kind: choice(INTERVALS), description: 'What sales are added up by; `hour` by default.' },
    },
    order: ['startsAt'],
    meta: BUSIEST,
  })
  listSales(@Listing() request: SalesRequest): Promise<Page<SalesPoint>> {
    return this.sales.list(request);
  }
}
