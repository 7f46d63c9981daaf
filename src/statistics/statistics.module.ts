import { Module } from '@nestjs/common';
import { TicketOptionsModule } from '../ticket-options/ticket-options.module';
import { EventStatisticsRepository } from './event-statistics.repository';
import { FoldRepository } from './fold.repository';
import { FoldService } from './fold.service';
import { KindStatisticsRepository } from './kind-statistics.repository';
import { SalesRepository } from './sales.repository';
import { SalesService } from './sales.service';
import { StatisticsController } from './statistics.controller';
import { StatisticsService } from './statistics.service';

/** What was left, sold and earned; the repository of events comes from the module of their options. */
@Module({
  imports: [TicketOptionsModule],
  controllers: [StatisticsController],
  providers: [
    StatisticsService,
    SalesService,
    EventStatisticsRepository,
    KindStatisticsRepository,
    SalesRepository,
    FoldService,
    FoldRepository,
  ],
})
export class StatisticsModule {}
