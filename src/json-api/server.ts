import { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteOptions } from 'fastify';
import { refusal } from '../refusals';
import { asItIs, rendererFor } from './answering';
import { parseJson } from './json';
import { type AskedList } from './list-query';
import { isAcceptable, isSupportedContentType, MEDIA_TYPE } from './media-types';
import { type KeyOfRequest } from '../idempotency/request-key';
import { type Query } from './query';
import { readerFor } from './reading';
import { type Versions } from './preconditions';
import { type ResourceSchema } from './resource';
import { type JsonApiRoute } from './route-config';

declare module 'fastify' {
  interface FastifyInstance {
    /** The resources that the routes of this server serve, by type. */
    readonly jsonApiTypes: ReadonlyMap<string, ResourceSchema>;
  }
  interface FastifyRequest {
    /** What the query asks for; read on the routes of JSON:API only. */
    jsonApiQuery: Query | null;
    /** What a request for a list asks. */
    jsonApiList: AskedList | null;
    /** The bytes of a body that came with an Idempotency-Key. */
    keyedBody: Buffer | null;
    /** What names the request; read on the routes that take a body. */
    idempotencyKey: KeyOfRequest | null;
    /** The versions that a change is meant for; null for any. */
    onlyIf: Versions | null;
  }
}

type Done = (error?: Error) => void;

/**
 * Teaches a Fastify instance JSON:API: how bodies are parsed, and for every route that carries `config.jsonApi`
 * negotiation, decoding and rendering. The work hangs on hooks of the route, each made for its resource when the
 * route is registered, in callback style: promises would add a turn of the microtask queue to every request.
 */
export function installJsonApi(server: FastifyInstance): void {
  const types = new Map<string, ResourceSchema>();
  server.decorate('jsonApiTypes', types);
  server.decorateRequest('jsonApiQuery', null);
  server.decorateRequest('jsonApiList', null);
  server.decorateRequest('keyedBody', null);
  server.decorateRequest('idempotencyKey', null);
  server.decorateRequest('onlyIf', null);
  server.removeAllContentTypeParsers();
  for (const type of [MEDIA_TYPE, 'application/json'])
    server.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body: Buffer, done) => {
      if (request.headers['idempotency-key'] !== undefined) request.keyedBody = body;
      // Clients name the type of the body that a DELETE has not. What parseJson throws, Fastify passes on.
      done(null, body.length === 0 && request.method === 'DELETE' ? undefined : parseJson(body));
    });
  server.addHook('onRoute', (route) => {
    const jsonApi = route.config?.jsonApi;
    if (jsonApi === undefined) return;
    checkPath(route, jsonApi);
    types.set(jsonApi.resource.type, jsonApi.resource);
    route.onRequest = negotiate;
    route.preHandler = readerFor(jsonApi, types);
    route.preSerialization = rendererFor(jsonApi);
  });
}

/**
 * The headers decide before the body is read (JSON:API 1.1, "Content Negotiation"). The type of a body that is not
 * there, as with most GETs, is nobody's business.
 */
function negotiate(request: FastifyRequest, reply: FastifyReply, done: Done): void {
  const { headers, method } = request;
  if (method !== 'GET' && method !== 'HEAD' && (method !== 'DELETE' || hasBody(request))) {
    const type = headers['content-type'];
    if (type === undefined ? hasBody(request) : type !== MEDIA_TYPE && !isSupportedContentType(type)) {
      done(refusal('unsupported_media_type', { source: { header: 'Content-Type' } }));
      return;
    }
    const coding = headers['content-encoding'];
    if (coding !== undefined && coding.toLowerCase() !== 'identity') {
      reply.header('accept-encoding', 'identity'); // RFC 9110, 15.5.16
      const detail = 'Bodies are read as they are, without a content coding.';
      done(refusal('unsupported_media_type', { detail, source: { header: 'Content-Encoding' } }));
      return;
    }
  }
  const { accept } = headers;
  if (accept !== undefined && accept !== MEDIA_TYPE && !isAcceptable(accept)) {
    done(refusal('not_acceptable', { source: { header: 'Accept' } }));
    return;
  }
  reply.serializer(asItIs);
  done();
}

/** @returns whether a body comes with the request. */
export function hasBody({ headers }: FastifyRequest): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/**
 * Links are made from the paths of the resources, so a controller elsewhere would hand out dead ones. Where a class
 * tells the addresses itself, they cannot be compared before there are resources.
 */
function checkPath({ url }: RouteOptions, { action, resource, list }: JsonApiRoute): void {
  const { path, type, isInCollection } = resource;
  if (action === 'fetch' && !isInCollection) return;
  const of = list?.of;
  const [parameter = '/:id'] = /\/:\w+$/.exec(url) ?? [];
  const expected =
    of !== undefined
      ? `${of.path}/:id/${type}`
      : action === 'create' || action === 'list'
        ? path
        : path + parameter;
  if (url !== expected) throw new Error(`${type} are declared at ${expected}, but the route is at ${url}`);
}
