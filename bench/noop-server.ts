import Fastify from 'fastify';

/**
 * What speaking HTTP costs on this machine and nothing else: a bare Fastify that parses the same body with
 * Fastify's own JSON parser and answers with the very document that the service answered, a constant.
 * No validation, no serialising, no database.
 */
const JSON_API = 'application/vnd.api+json';
const answers = JSON.parse(process.env['NOOP_ANSWERS'] ?? '{}') as Record<string, string>;

const server = Fastify({ logger: false });
server.addContentTypeParser(JSON_API, { parseAs: 'string' }, server.getDefaultJsonParser('error', 'error'));
for (const [path, answer] of Object.entries(answers)) {
  server.post(path, (_request, reply) => reply.code(201).type(JSON_API).send(answer));
}
server.get('/health/ready', (_request, reply) => reply.send({ status: 'ok' }));

process.once('disconnect', () => process.exit(0));
void server.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
