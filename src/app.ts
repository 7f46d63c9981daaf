import type { DynamicModule, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module';
import { installAuth } from './auth/install-auth';
import { OwnersRepository } from './auth/owners.repository';
import { type TokenSettings, Verifier } from './auth/verifier';
import type { Config } from './config';
import { createHttpServer } from './http-server';
import { RefusalFilter } from './json-api';
import { createLogger, NestLogger } from './logging';
import { HttpMeter } from './metrics/http-meter';
import { isDocumentation, serveOpenApi } from './openapi';

/** Makes the application from its module. Tests make it with other providers in place of some. */
export type AppFactory = (
  module: DynamicModule,
  adapter: FastifyAdapter,
  options: NestApplicationOptions,
) => Promise<NestFastifyApplication>;

export interface App {
  readonly nest: NestFastifyApplication;
  readonly logger: Logger;
}

/**
 * Makes the application, ready to listen; `main.ts` and the tests share it. It does not reach for its database
 * before `DatabaseService.start()`.
 *
 * @param url where the database is
 */
export async function createApp(
  config: Config,
  url: string,
  create: AppFactory = (module, adapter, options) => NestFactory.create(module, adapter, options),
): Promise<App> {
  const logger = createLogger(config.logLevel);
  const meter = new HttpMeter();
  const server = await createHttpServer({
    logger,
    bodyLimitBytes: config.bodyLimitBytes,
    trustProxy: config.trustProxy,
    accessLog: config.accessLog,
    corsOrigins: config.corsOrigins,
    rateLimitPerMinute: config.rateLimitPerMinute,
    meter,
  });
  const nest = await create(AppModule.forRoot(config, url, meter), new FastifyAdapter(server), {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  nest.useGlobalFilters(new RefusalFilter(logger));
  installAuth(server, {
    verifier: config.auth === 'off' ? undefined : verifierFor(config.auth, logger),
    owners: nest.get(OwnersRepository, { strict: false }),
    isOpen: isDocumentation,
  });
  serveOpenApi(nest);
  await nest.init();
  return { nest, logger };
}

function verifierFor(settings: TokenSettings, logger: Logger): Verifier {
  return new Verifier(settings, (error) => {
    logger.warn({ err: error }, 'the keys for tokens cannot be had');
  });
}
