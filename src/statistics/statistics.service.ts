import { Injectable } from '@nestjs/common';
import { JoinedReads } from '../database/joined-reads';
import { Event } from '../events/event.resource';
import { EventsRepository } from '../events/events.repository';
import { type Compound, compound, type Included, type ListRequest, type Page } from '../json-api';
import { refusal } from '../refusals';
import { EventStatisticsRepository, type RankingSort } from './event-statistics.repository';
import type { EventStatistics } from './event-statistics.resource';
import { kindIdOf, kindOf } from './kind-id';
import { KindStatisticsRepository } from './kind-statistics.repository';
import type { KindStatistics } from './kind-statistics.resource';
import { type StatisticsTotals, TOTALS } from './statistics-totals.resource';

export type RankingRequest = ListRequest<object, RankingSort>;
export type KindsRequest = ListRequest<{ event: string }>;

/** Reads what the counters say, of all events, of each and of the kinds of ticket. */
@Injectable()
export class StatisticsService {
  private readonly sums: JoinedReads<StatisticsTotals>;
  private readonly reads: JoinedReads<EventStatistics | undefined>;
  private readonly pages: JoinedReads<Page<EventStatistics>, RankingRequest>;
  private readonly kinds: JoinedReads<KindStatistics | undefined>;
  private readonly pagesOfKinds: JoinedReads<Page<KindStatistics>, KindsRequest>;

  constructor(
    repository: EventStatisticsRepository,
    kindRepository: KindStatisticsRepository,
    private readonly eventsRepository: EventsRepository,
  ) {
    this.sums = new JoinedReads(() => repository.findTotals());
    this.reads = new JoinedReads((id) => repository.find(id));
    this.pages = new JoinedReads<Page<EventStatistics>, RankingRequest>(
      async (request) => {
        const page = await repository.list(request.sort, request);
        return request.include.has('event') ? { ...page, included: await this.eventsOf(page.items) } : page;
      },
      ({ query }) => query,
    );
    this.kinds = new JoinedReads((id) => kindRepository.find(kindOf(id)));
    this.pagesOfKinds = new JoinedReads<Page<KindStatistics>, KindsRequest>(
      (request) => kindRepository.list(request.filters.event, request),
      ({ query }) => query,
    );
  }

  /** @returns what is counted over all events. */
  totals(): Promise<StatisticsTotals> {
    return this.sums.read(TOTALS);
  }

  /** @returns what is counted of an event. @throws Refusal not_found */
  async ofEvent(id: string): Promise<EventStatistics> {
    const statistics = await this.reads.read(id);
    if (statistics === undefined) throw refusal('not_found', { detail: 'There is no such event.' });
    return statistics;
  }

  /** @returns the same, with the event. @throws Refusal not_found */
  async ofEventWithEvent(id: string): Promise<Compound<EventStatistics>> {
    const statistics = await this.ofEvent(id);
    return compound(statistics, await this.eventsOf([statistics]));
  }

  /** Lists what is counted of each event, in the order of creation or as a ranking. */
  ranking(request: RankingRequest): Promise<Page<EventStatistics>> {
    return this.pages.read(request);
  }

  /** @returns what is counted of a kind of ticket, by its id in whatever case. @throws Refusal not_found */
  async ofKind(id: string): Promise<KindStatistics> {
    const statistics = await this.kinds.read(kindIdOf(kindOf(id)));
    if (statistics === undefined)
      throw refusal('not_found', { detail: 'There is no ticket option of that kind.' });
    return statistics;
  }

  /** Lists what is counted of each kind of ticket, over all events or within one. */
  listKinds(request: KindsRequest): Promise<Page<KindStatistics>> {
    return this.pagesOfKinds.read(request);
  }

  private async eventsOf(statistics: readonly EventStatistics[]): Promise<Included> {
    return [{ of: Event, items: await this.eventsRepository.findAll(statistics.map(({ id }) => id)) }];
  }
}
