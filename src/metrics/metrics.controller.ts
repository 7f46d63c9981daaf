import { Controller, Get, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Registry } from 'prom-client';
import { STATISTICS } from '../auth/access';
import { refusalsOf, securityOf } from '../auth/openapi-access';
import { HEADERS, refusalDocuments } from '../json-api/openapi-refusals';
import { MetricsService } from './metrics.service';

const REFUSALS = refusalDocuments(
  ['header_too_large', 'malformed_request', 'internal_error', ...refusalsOf(STATISTICS)],
  { 'X-Request-Id': HEADERS['X-Request-Id'], Vary: HEADERS.Vary },
);
const OK = {
  description: 'Every metric, in the text format of Prometheus.',
  headers: { 'X-Request-Id': HEADERS['X-Request-Id'] },
  content: { [Registry.PROMETHEUS_CONTENT_TYPE]: { schema: { type: 'string' } } },
};
const RESPONSES: Record<string, object> = { 200: OK, ...REFUSALS };

/** `/metrics`, for whoever runs the service and may read its figures. Without tokens it is at METRICS_PORT. */
@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @RouteConfig({ unlimited: true, access: STATISTICS })
  @ApiOperation({
    operationId: 'getMetrics',
    summary: 'What is measured, for Prometheus',
    security: securityOf(STATISTICS),
    responses: RESPONSES as Record<string, never>,
  })
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    reply.type(this.metrics.contentType);
    return this.metrics.tell();
  }
}
