import Fastify from 'fastify';

/**
 * What speaking HTTP costs on this machine and nothing else: a bare Fastify that parses the same body with
 * Fastify's own JSON parser and answers with the very document that the service answered, a constant.
 * No validation, no serialising, no database.
 */
const JSON_API = 'application/vnd.api+json';
const answers = {
  post: process.env['NOOP_POST_ANSWER'] ?? '{}',
  get: process.env['NOOP_GET_ANSWER'] ?? '{}',
};

const server = Fastify({ logger: false });
server.addContentTypeParser(JSON_API, { parseAs: 'string' }, server.getDefaultJsonParser('error', 'error'));
server.post('/purchases', (_request, reply) => reply.code(201).type(JSON_API).send(answers.post));
server.get('/ticket_options/:id', (_request, reply) => reply.type(JSON_API).send(answers.get));
server.get('/health/ready', (_request, reply) => reply.send({ status: 'ok' }));

process.once('disconnect', () => process.exit(0));
void server.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
