import { Controller, Module, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpServer } from '../../src/http-server';
import {
  Attribute,
  boolean,
  choice,
  constant,
  Connection,
  CreateResource,
  Decoded,
  FetchResource,
  instant,
  integer,
  type New,
  RefusalFilter,
  Resource,
  ResourceId,
  text,
  ToOne,
} from '../../src/json-api';
import { serveOpenApi } from '../../src/openapi';
import { refusal } from '../../src/refusals';
import { CratesController, DepotsController } from './crates';
import { RacksController, SlotsController, StockController } from './stock';

/** A resource with every kind of attribute and both kinds of relationship. */
@Resource({ type: 'parcels', path: '/parcels', description: 'Something that is sent to somebody.' })
export class Parcel {
  readonly id: string;

  @Attribute(text({ maximum: 20 }), { write: 'required', description: 'What is in it.', example: 'books' })
  label: string;

  @Attribute(text({ minimum: 0, maximum: 50, nullable: true }), { write: 'optional' })
  note: string | null;

  @Attribute(integer({ minimum: 1, maximum: 1000 }), { write: 'required', example: 2 })
  weightGrams: number;

  @Attribute(choice(['slow', 'fast']), { write: 'optional', default: 'slow' })
  speed: 'slow' | 'fast';

  @Attribute(boolean(), { write: 'optional', default: false })
  fragile: boolean;

  @Attribute(instant({ nullable: true }), { write: 'optional' })
  pickUpAt: Date | null;

  @Attribute(constant('EUR'), { write: 'never' })
  readonly currency: 'EUR';

  @Attribute(integer(), { write: 'never' })
  readonly priceCents: number;

  @Attribute(instant(), { write: 'never' })
  readonly createdAt: Date;

  @ToOne('users', { write: 'required', id: 'uuid', description: 'Who gets it.' })
  receiver: string;

  @ToOne('depots', { write: 'optional' })
  depot: string | null;

  @ToOne('couriers', { write: 'never', nullable: true })
  readonly courier: string | null;
}

export const USER = 'd6abe829-c28c-44ec-bee6-3183f2c53fef';
export const ID = '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3a70';

/** A parcel as a service returns it: it is enough that the properties are there. */
export function parcel(set: Partial<Parcel> = {}): Pick<Parcel, keyof Parcel> {
  return {
    id: ID,
    label: 'books',
    note: null,
    weightGrams: 500,
    speed: 'slow',
    fragile: false,
    pickUpAt: null,
    currency: 'EUR',
    priceCents: 490,
    createdAt: new Date('2026-06-01T10:00:00.120Z'),
    receiver: USER,
    depot: null,
    courier: null,
    ...set,
  };
}

/** A document that creates a parcel, with the given members laid over its data. */
export function parcelDocument(over: Record<string, unknown> = {}): { data: Record<string, unknown> } {
  return {
    data: {
      type: 'parcels',
      attributes: { label: 'books', weight_grams: 500 },
      relationships: { receiver: { data: { type: 'users', id: USER } } },
      ...over,
    },
  };
}

/** Parcels that were created, so that tests can tell that a refused one was not. */
export const created: New<Parcel>[] = [];

@Controller('parcels')
class ParcelsController {
  @CreateResource(Parcel, { summary: 'Send a parcel', refusals: ['not_found', 'invalid_purchase_quantity'] })
  create(@Decoded() sent: New<Parcel>, @Connection() { destroyed }: { destroyed: boolean }): Promise<Parcel> {
    if (sent.label === 'unknown depot')
      throw refusal('not_found', { source: { pointer: '/data/relationships/depot/data/id' } });
    if (sent.label === 'overload') throw refusal('overloaded');
    if (sent.label === 'bug') throw new Error(`SELECT secret FROM parcels ${String(destroyed)}`);
    if (sent.label === 'hole') return Promise.resolve(parcel({ ...sent, speed: undefined as never }));
    created.push(sent);
    return Promise.resolve(parcel(sent));
  }

  @FetchResource(Parcel, { summary: 'Read a parcel' })
  async find(@ResourceId() id: string): Promise<Parcel> {
    await Promise.resolve();
    if (id !== ID) throw refusal('not_found');
    return parcel();
  }
}

@Module({
  controllers: [
    ParcelsController,
    CratesController,
    DepotsController,
    SlotsController,
    RacksController,
    StockController,
  ],
})
class DemoModule {}

/** What was logged, newest last. */
export const logged: { message: string; line: Record<string, unknown> }[] = [];

function write(line: object, message: string): void {
  logged.push({ message, line: line as Record<string, unknown> });
}

/** Starts the demo on a free port, so that raw sockets reach it as well as `inject`. */
export async function startDemo(): Promise<NestFastifyApplication> {
  const logger = { info: write, warn: write, error: write };
  const server = await createHttpServer({ logger, bodyLimitBytes: 65_536 });
  server.get('/plain', (_request, reply) => reply.send({ plain: true }));
  const options: NestApplicationOptions = { bodyParser: false, logger: false };
  const adapter = new FastifyAdapter(server);
  const app = await NestFactory.create<NestFastifyApplication>(DemoModule, adapter, options);
  app.useGlobalFilters(new RefusalFilter(logger));
  serveOpenApi(app);
  await app.listen(0, '127.0.0.1');
  return app;
}
