import { applyDecorators, Controller, Get, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OPEN } from '../auth/access';
import { headerRef } from '../json-api/openapi-refusals';
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

const HEADERS = { 'X-Request-Id': headerRef('X-Request-Id') };

/** `/health`: for load balancers and supervisors. Plain JSON, not JSON:API. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @Describe('getLiveness', 'Whether the process answers')
  @Answer(200, 'The process is alive. Says nothing about its database.', LIVENESS)
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Describe('getReadiness', 'Whether requests can be served')
  @Answer(200, 'Database, migrations and lanes are ready.', READINESS)
  @Answer(503, 'Send no requests for now; the checks say why.', READINESS)
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    reply.status(readiness.status === 'ok' ? 200 : 503);
    return readiness;
  }
}

function Describe(operationId: string, summary: string): MethodDecorator {
  return applyDecorators(
    RouteConfig({ quiet: true, unlimited: true, access: OPEN }),
    ApiOperation({ operationId, summary }),
    ApiResponse({ status: 431, description: 'The header of the request is too large.', headers: HEADERS }),
  );
}

function Answer(status: number, description: string, schema: object): MethodDecorator {
  return ApiResponse({ status, description, headers: HEADERS, content: { 'application/json': { schema } } });
}
