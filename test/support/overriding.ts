import type { InjectionToken, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { AppFactory } from '../../src/app';

/** Makes the application with another class in place of one of its providers; the product has no switch for it. */
export function overriding(provider: InjectionToken, replacement: Type): AppFactory {
  return async (module, adapter, options) => {
    const builder = Test.createTestingModule({ imports: [module] });
    const testing = await builder.overrideProvider(provider).useClass(replacement).compile();
    return testing.createNestApplication<NestFastifyApplication>(adapter, options);
  };
}
