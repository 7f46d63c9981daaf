import { applyDecorators, Controller, Get, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OPEN } from '../auth/access';
import { headerRef, refusalDocuments } from '../json-api/openapi-refusals';
import { HealthService, type Readiness } from './health.service';

const LIVENESS = { type: 'object', required: ['status'], properties: { status: { const: 'ok' } } };
const READINESS = {
  type: 'object',
  required: ['status', 'checks'],
  properties: {
    status: { type: 'string', enum: ['ok', 'unavailable', 'stopping'] },
    checks: {
      type: 'object',
      required: ['database', 'migrations', 'lanes'],
      properties: {
        database: { type: 'string', enum: ['ok', 'unavailable'] },
        migrations: { type: 'string', enum: ['ok', 'pending'] },
        lanes: { type: 'string', enum: ['ok', 'stuck'] },
      },
    },
  },
};

/** What is refused before it is known what was asked for. */
const REFUSALS = refusalDocuments(['header_too_large', 'malformed_request'], {
  'X-Request-Id': headerRef('X-Request-Id'),
  Vary: headerRef('Vary'),
});
const HEADERS = { 'X-Request-Id': headerRef('X-Request-Id') };

/** `/health`: for load balancers and supervisors. Plain JSON, not JSON:API. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @Describe('getLiveness', 'Whether the process answers', {
    200: ['The process is alive. Says nothing about its database.', LIVENESS],
  })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Describe('getReadiness', 'Whether requests can be served', {
    200: ['Database, migrations and lanes are ready.', READINESS],
    503: ['Send no requests for now; the checks say why.', READINESS],
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    reply.status(readiness.status === 'ok' ? 200 : 503);
    return readiness;
  }
}

/** @param answers what it may say, by its status */
function Describe(
  operationId: string,
  summary: string,
  answers: Readonly<Record<number, readonly [description: string, schema: object]>>,
): MethodDecorator {
  const own = Object.entries(answers).map(([status, [description, schema]]) => [
    status,
    { description, headers: HEADERS, content: { 'application/json': { schema } } },
  ]);
  return applyDecorators(
    RouteConfig({ quiet: true, unlimited: true, access: OPEN }),
    ApiOperation({
      operationId,
      summary,
      responses: { ...Object.fromEntries(own), ...REFUSALS } as Record<string, never>,
    }),
  );
}
