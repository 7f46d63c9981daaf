import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type FastifyInstance } from 'fastify';
import { SCHEME, SECURITY_SCHEME } from './auth/openapi-access';
import { errorsPage } from './errors-page';
import { commonSchemas, type Schemas } from './json-api/openapi-common';
import { refusalExamples } from './json-api/openapi-examples';
import { resourceSchemas } from './json-api/openapi-schemas';
import { VERSION } from './version';

const DESCRIPTION = `Sells a limited number of tickets to more people than there are tickets, and never oversells.

Documents follow [JSON:API 1.1](https://jsonapi.org/format/1.1/). Every refusal is an error document; its \`code\` is
stable ([all codes](/docs/errors)), its sentences are for people. Times are in UTC with milliseconds, money is in integer
cents.`;

const HEADERS = {
  Location: {
    description: 'The address of the new resource.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  ETag: {
    description:
      'Names this very answer, for `If-None-Match`. That of an event or a ticket option also names what organisers have made of it, for `If-Match`.',
    schema: { type: 'string' },
  },
  'X-Request-Id': {
    description: 'Names the request in the log: the id that was sent, or a new one.',
    schema: { type: 'string' },
  },
  'Idempotent-Replayed': {
    description:
      'There, and `true`, when the answer is that of an earlier request with the same Idempotency-Key.',
    schema: { type: 'string', const: 'true' },
  },
  Vary: {
    description: 'Tells caches that the answer depends on the Accept header.',
    schema: { type: 'string' },
  },
  'WWW-Authenticate': {
    description: 'How to authenticate, and what is wrong with the token that was sent (RFC 6750).',
    schema: { type: 'string' },
  },
  'RateLimit-Limit': {
    description: 'Where requests are limited: how many this caller may send within a minute.',
    schema: { type: 'integer' },
  },
  'RateLimit-Remaining': {
    description: 'Where requests are limited: how many are left of them.',
    schema: { type: 'integer' },
  },
  'RateLimit-Reset': {
    description: 'Where requests are limited: seconds until they are counted anew.',
    schema: { type: 'integer' },
  },
  'Accept-Encoding': {
    description: 'The content codings that a body may have, where it had another (RFC 9110, 15.5.16).',
    schema: { type: 'string', const: 'identity' },
  },
  'Retry-After': {
    description: 'Seconds after which another attempt makes sense.',
    schema: { type: 'integer' },
  },
};

/** Builds the OpenAPI 3.1 description from the routes and the resources they declare. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const server = app.getHttpAdapter().getInstance() as FastifyInstance;
  const resources = [...server.jsonApiTypes.values()];
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Holdfast')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    .addSecurity(SCHEME, SECURITY_SCHEME)
    .addServer('/', 'This server');
  for (const { type, description } of resources) builder.addTag(type, description);
  builder.addTag(
    'plain tickets',
    'Ticket options by number, in plain JSON: `allocation` is what is left to buy.',
  );
  builder.addTag(
    'plain simple',
    'Ticket options in plain JSON with the names of Go: `Allocation` is what is left to buy.',
  );
  builder.addTag('health', 'For whoever runs the service.');
  const { info, ...config } = builder.build();
  delete info.contact; // the builder leaves an empty one

  const options = { autoTagControllers: false };
  const document = SwaggerModule.createDocument(app, { info, ...config }, options);
  const { components } = document;
  const schemas = Object.assign(commonSchemas(), ...resources.map(resourceSchemas)) as Schemas;
  return {
    ...document,
    security: [], // each operation says what it takes
    components: {
      ...components,
      schemas: { ...components?.schemas, ...used('schemas', document.paths, schemas) },
      headers: HEADERS,
      examples: used('examples', document.paths, refusalExamples()),
    },
  };
}

/** Keeps the components that some route refers to, or another one that is kept. */
function used<C extends object>(group: string, paths: object, all: Record<string, C>): Record<string, C> {
  const kept = new Set<string>();
  const follow = (from: object): void => {
    const text = JSON.stringify(from);
    for (const [name, component] of Object.entries(all)) {
      if (kept.has(name) || !text.includes(`"#/components/${group}/${name}"`)) continue;
      kept.add(name);
      follow(component);
    }
  };
  follow(paths);
  return Object.fromEntries(Object.entries(all).filter(([name]) => kept.has(name)));
}

/** Whether a path is one of those that {@link serveOpenApi} serves. */
export function isDocumentation(path: string): boolean {
  return path === '/docs' || path.startsWith('/docs/') || path === '/openapi.json';
}

/** Serves the description at `/openapi.json`, at `/docs` a page to read it and try it out, and all error codes below. */
export function serveOpenApi(app: INestApplication): void {
  const server = app.getHttpAdapter().getInstance() as FastifyInstance;
  const errors = errorsPage();
  server.get('/docs/errors', (_request, reply) => reply.type('text/html; charset=utf-8').send(errors));
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Holdfast',
    swaggerOptions: { displayRequestDuration: true, tryItOutEnabled: true },
  });
}
