import Fastify from 'fastify';

/*
 * What speaking HTTP costs on this machine and nothing else: a bare Fastify that parses the same body with
 * Fastify's own JSON parser and answers with the very document that the service answered, a constant.
 * No validation, no serialising, no database.
 */
/** What is answered to one kind of request. */
export interface NoopAnswer {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly text: string;
}

const JSON_API = 'application/vnd.api+json';
const answers = JSON.parse(process.env['NOOP_ANSWERS'] ?? '[]') as NoopAnswer[];
/** The last of several for the same route. */
const routes = new Map(answers.map((answer) => [`${answer.method} ${answer.path}`, answer]));

const server = Fastify({ logger: false });
server.addContentTypeParser(JSON_API, { parseAs: 'string' }, server.getDefaultJsonParser('error', 'error'));
for (const { method, path, text } of routes.values()) {
  const status = method === 'GET' ? 200 : 201;
  server.route({
    method,
    url: path,
    handler: (_request, reply) => reply.code(status).type(JSON_API).send(text),
  });
}
server.get('/health/ready', (_request, reply) => reply.send({ status: 'ok' }));

process.once('disconnect', () => process.exit(0));
void server.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
