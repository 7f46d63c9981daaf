import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Problem } from '../refusals';
import { setVary } from './answering';
import { checkRemoval, decodeChanges, decodeNew } from './decode';
import { refusalOf } from './errors';
import { readKey } from './idempotency-header';
import { canonicalUuid } from './ids';
import { listParameters, readList } from './list-query';
import { NO_QUERY, parseQuery, type QueryRules } from './query';
import { readIfMatch } from './preconditions';
import { type ResourceSchema } from './resource';
import { type JsonApiRoute, type ListConfig } from './route-config';

type Done = (error?: Error) => void;
type Reader = (request: FastifyRequest, problems: Problem[], reply: FastifyReply) => void;

/** Reads query and body; what is wrong with either is told together. */
export function readerFor(route: JsonApiRoute, types: ReadonlyMap<string, ResourceSchema>) {
  const { include, list } = route;
  const rules: QueryRules = { types, include, ...(list && { others: listParameters(list) }) };
  const read = bodyReaderFor(route);
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const problems: Problem[] = [];
    request.jsonApiQuery = parseQuery(request.raw.url ?? '', rules, problems);
    read(request, problems, reply);
    done(problems.length === 0 ? undefined : refusalOf(problems));
  };
}

/** @returns what the action reads beside fields and includes. */
function bodyReaderFor({ action, resource, list }: JsonApiRoute): Reader {
  switch (action) {
    case 'create':
      return (request, problems, reply) => {
        if (hasParsedBody(request, problems)) request.body = decodeNew(resource, request.body, problems);
        readKey(request, reply, problems);
      };
    case 'change':
      return (request, problems, reply) => {
        request.onlyIf = readIfMatch(request, resource, problems);
        readKey(request, reply, problems);
        const { id } = request.params as { id: string };
        if (hasParsedBody(request, problems))
          request.body = decodeChanges(resource, id, request.body, problems);
      };
    case 'remove':
      return (request, problems, reply) => {
        const { id } = request.params as { id: string };
        if (request.body !== undefined) checkRemoval(resource, id, request.body, problems);
        request.onlyIf = readIfMatch(request, resource, problems);
        setVary(reply); // an answer without a document passes no renderer
      };
    case 'list':
      return (request, problems) => {
        if (list === undefined) throw new Error('a list has a configuration');
        const path = listPath(resource, list, request.params as { id?: string });
        request.jsonApiList = readList(request.jsonApiQuery ?? NO_QUERY, list, path, problems);
      };
    case 'fetch':
      return () => undefined;
  }
}

function hasParsedBody(request: FastifyRequest, problems: Problem[]): boolean {
  if (request.body !== undefined) return true;
  problems.push({ code: 'malformed_json', detail: 'The request has no body.' });
  return false;
}

/** An id of the wrong form names nothing, which the method says that takes it. */
function listPath({ path, type }: ResourceSchema, { of }: ListConfig, { id = '' }: { id?: string }): string {
  if (of === undefined) return path;
  const canonical = of.ids === 'uuid' ? canonicalUuid(id) : undefined;
  return `${of.path}/${canonical ?? encodeURIComponent(id.toWellFormed())}/${type}`;
}
