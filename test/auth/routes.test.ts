import { Controller, Get, Post, Req, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyRequest } from 'fastify';
import { createApp } from '../../src/app';
import { byBuyer } from '../../src/auth/access';
import { mustBeCaller } from '../../src/auth/ownership';
import { loadConfig } from '../../src/config';
import { type Claims, Issuer } from '../support/issuer';

const BUYER = '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3a70';
const OTHER = '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3a71';

@Controller('undeclared')
class UndeclaredController {
  @Get()
  read(): object {
    return {};
  }
}

/** A route with a body of its own kind, which says itself where the user is. */
@Controller('plain')
class PlainController {
  @Post()
  @RouteConfig({ access: byBuyer('asked by the method') })
  buy(@Req() request: FastifyRequest): object {
    const { user } = request.body as { user: string };
    mustBeCaller(request, user, { pointer: '/user' });
    return { user };
  }
}

/** Makes the service with one more controller; it needs no database for that. */
async function appWith(controller: Type, env: Record<string, string>): Promise<NestFastifyApplication> {
  const config = loadConfig({ LOG_LEVEL: 'silent', ...env });
  const { nest } = await createApp(config, 'postgres://nowhere/none', (module, adapter, options) =>
    NestFactory.create({ ...module, controllers: [controller] }, adapter, options),
  );
  return nest;
}

let issuer: Issuer;
beforeAll(async () => {
  issuer = await Issuer.start();
});
afterAll(() => issuer.stop());

it.each(['off', 'jwt'])(
  'does not start with a route that does not say who may use it, with AUTH=%s',
  async (AUTH) => {
    await expect(appWith(UndeclaredController, { ...issuer.env, AUTH })).rejects.toThrow(
      'GET /undeclared does not say who may use it',
    );
  },
);

describe('a route that looks for its user itself', () => {
  async function post(env: Record<string, string>, claims?: Claims): Promise<number> {
    const app = await appWith(PlainController, env);
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/plain',
      headers: claims === undefined ? {} : { authorization: `Bearer ${await issuer.token(claims)}` },
      payload: { user: BUYER },
    });
    await app.close();
    return statusCode;
  }

  it.each<[number, string, Claims | undefined]>([
    [201, 'the user', { sub: BUYER, scope: 'tickets:buy' }],
    [403, 'another user', { sub: OTHER, scope: 'tickets:buy' }],
    [403, 'the user without the scope', { sub: BUYER }],
    [201, 'a service', { sub: 'a service', scope: 'tickets:act' }],
    [401, 'nobody', undefined],
  ])('answers %i to %s', async (status, _who, claims) => {
    expect(await post(issuer.env, claims)).toBe(status);
  });

  it('asks nobody where authentication is off', async () => {
    expect(await post({ AUTH: 'off' })).toBe(201);
  });
});
