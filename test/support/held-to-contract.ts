import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { type AppFactory } from '../../src/app';
import { contractProblems } from './contract';

const asItIs: AppFactory = (module, adapter, options) =>
  NestFactory.create<NestFastifyApplication>(module, adapter, options);

/**
 * Makes the application so that every answer it gives, to whatever client, is held against `openapi.json`.
 *
 * @returns the factory, and what throws when an answer was not as it is described
 */
export function heldToContract(create = asItIs): { create: AppFactory; check: () => void } {
  const wrongs = new Set<string>();
  const observing: AppFactory = (module, adapter, options) => {
    adapter.getInstance<FastifyInstance>().addHook('onSend', (request, reply, payload, done) => {
      const text = typeof payload === 'string' ? payload : '';
      const { method, originalUrl: path } = request;
      const headers = reply.getHeaders() as Record<string, string>;
      for (const problem of contractProblems({ status: reply.statusCode, headers, text }, { method, path }))
        wrongs.add(`${method} ${path.slice(0, 200)} ${reply.statusCode}: ${problem}`);
      done();
    });
    return create(module, adapter, options);
  };
  const check = (): void => {
    if (wrongs.size === 0) return;
    throw new Error(`${wrongs.size} answers are not described:\n${[...wrongs].slice(0, 20).join('\n')}`);
  };
  return { create: observing, check };
}
