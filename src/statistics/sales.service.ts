import { Injectable } from '@nestjs/common';
import { JoinedReads } from '../database/joined-reads';
import type { ListRequest, Page } from '../json-api';
import type { SalesPoint } from './sales-point.resource';
import { rangeOf, type SalesFilters } from './sales-range';
import { SalesRepository } from './sales.repository';

export type SalesRequest = ListRequest<SalesFilters, 'startsAt'>;

/** Reads what was sold when. */
@Injectable()
export class SalesService {
  private readonly pages: JoinedReads<Page<SalesPoint>, SalesRequest>;

  constructor(repository: SalesRepository) {
    this.pages = new JoinedReads<Page<SalesPoint>, SalesRequest>(
      async (request) => {
        const { busiest, ...page } = await repository.list(rangeOf(request.filters), request);
        return { ...page, meta: { busiest: busiest === undefined ? null : told(busiest) } };
      },
      ({ query }) => query,
    );
  }

  /**
   * Lists the intervals in which something was sold, and tells the busiest of the range.
   *
   * @throws Refusal invalid_parameter
   */
  list(request: SalesRequest): Promise<Page<SalesPoint>> {
    return this.pages.read(request);
  }
}

function told({ startsAt, sold, revenueCents }: SalesPoint): object {
  return { starts_at: startsAt, sold, revenue_cents: revenueCents };
}
