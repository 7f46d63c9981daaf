import type { DataSourceOptions } from 'typeorm';
import { Initial1763600000000 } from '../../migrations/1763600000000-initial';
import { EventEntity } from '../events/event.entity';
import { GatewayChargeEntity, GatewayRefundEntity } from '../payments/gateway.entities';
import { IdempotencyKeyEntity } from '../idempotency/idempotency-key.entity';
import { PaymentEntity } from '../payments/payment.entity';
import { RefundEntity } from '../payments/refund.entity';
import { PurchaseEntity } from '../purchases/purchase.entity';
import { HoldEntity } from '../reservations/hold.entity';
import { ReservationEntity } from '../reservations/reservation.entity';
import { EventCountsEntity } from '../statistics/event-counts.entity';
import { SalesEntity } from '../statistics/sales.entity';
import { SalesFoldEntity, SalesTotalEntity } from '../statistics/sales-total.entity';
import { TicketOptionEntity } from '../ticket-options/ticket-option.entity';
import { UserCountEntity } from '../allocation/user-count.entity';
import { prepareSession, QUERY_TIMEOUT_MS } from './session';

type PostgresDataSourceOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** How long to wait for a connection, from the pool or from the server. */
const CONNECT_TIMEOUT_MS = 2_000;

/** What every TypeORM DataSource of this project has in common; `ormconfig.ts` and the service add the rest. */
export function dataSourceOptions(url: string): PostgresDataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: [
      EventEntity,
      TicketOptionEntity,
      PurchaseEntity,
      ReservationEntity,
      HoldEntity,
      UserCountEntity,
      PaymentEntity,
      RefundEntity,
      EventCountsEntity,
      SalesEntity,
      SalesTotalEntity,
      SalesFoldEntity,
      GatewayChargeEntity,
      GatewayRefundEntity,
      IdempotencyKeyEntity,
    ],
    migrations: [Initial1763600000000],
    migrationsTableName: 'schema_migrations',
    synchronize: false,
    logging: false,
    installExtensions: false,
    applicationName: 'holdfast',
  };
}

/** The same with the service's pool: sessions are checked and their waits limited. */
export function serviceDataSourceOptions(
  url: string,
  poolSize: number,
  onPoolError: (error: unknown) => void,
): PostgresDataSourceOptions {
  return {
    ...dataSourceOptions(url),
    poolSize,
    poolErrorHandler: onPoolError,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: {
      onConnect: prepareSession,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      // Statements that are sent together travel together; see `Connections.pipeline`.
      pipeline: true,
    },
  };
}
