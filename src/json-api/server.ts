import { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteOptions } from 'fastify';
import { type Problem, refusal } from '../refusals';
import { decodeNew } from './decode';
import { refusalOf } from './errors';
import { parseJson } from './json';
import { type ListRequest } from './listing';
import { isAcceptable, isSupportedContentType, MEDIA_TYPE } from './media-types';
import { NO_QUERY, parseQuery, type Query } from './query';
import { type ResourceSchema } from './resource';
import { type JsonApiRoute } from './route-config';
import { serialiserOf } from './serialise';

declare module 'fastify' {
  interface FastifyInstance {
    /** The resources that the routes of this server serve, by type. */
    readonly jsonApiTypes: ReadonlyMap<string, ResourceSchema>;
  }
  interface FastifyRequest {
    /** What the query asks for; read on the routes of JSON:API only. */
    jsonApiQuery: Query | null;
    /** What a request for a list asks. */
    jsonApiList: ListRequest | null;
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
  server.removeAllContentTypeParsers();
  for (const type of [MEDIA_TYPE, 'application/json'])
    server.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
      done(null, parseJson(body)); // what it throws, Fastify passes on
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
  if (method !== 'GET' && method !== 'HEAD') {
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

/** Reads query and body; what is wrong with either is told together. */
function readerFor({ action, resource }: JsonApiRoute, types: ReadonlyMap<string, ResourceSchema>) {
  return (request: FastifyRequest, _reply: FastifyReply, done: Done): void => {
    const problems: Problem[] = [];
    request.jsonApiQuery = parseQuery(request.raw.url ?? '', types, problems);
    if (action === 'create') {
      if (request.body === undefined)
        problems.push({ code: 'malformed_json', detail: 'The request has no body.' });
      else request.body = decodeNew(resource, request.body, problems);
    }
    done(problems.length === 0 ? undefined : refusalOf(problems));
  };
}

/** Renders what the controller returned, after which Fastify has only to send it. */
function rendererFor({ action, resource }: JsonApiRoute) {
  const serialiser = serialiserOf(resource.target);
  return (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error: Error | null, payload?: unknown) => void,
  ): void => {
    const flat = payload as object;
    const query = request.jsonApiQuery ?? NO_QUERY;
    setDocumentHeaders(reply);
    if (action === 'create') {
      reply.header('location', serialiser.self(flat));
      done(null, serialiser.created(flat, query));
    } else {
      done(null, serialiser.fetched(flat, query));
    }
  };
}

/** What every answer that carries a JSON:API document says of itself. */
export function setDocumentHeaders(reply: FastifyReply): void {
  const vary = reply.getHeader('vary');
  reply.header('vary', typeof vary === 'string' && vary !== 'Accept' ? `${vary}, Accept` : 'Accept');
  reply.header('content-type', MEDIA_TYPE);
}

/**
 * Stands in for Fastify's serialisation. With any serializer set, Fastify leaves the Content-Type alone; without
 * one it appends "; charset=utf-8", which JSON:API forbids.
 */
export function asItIs(payload: unknown): string {
  return payload as string;
}

function hasBody({ headers }: FastifyRequest): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** `links.self` is made from the path of the resource, so a controller elsewhere would hand out dead links. */
function checkPath({ url }: RouteOptions, { action, resource }: JsonApiRoute): void {
  const path = action === 'create' ? resource.path : `${resource.path}/:id`;
  if (url !== path) throw new Error(`${resource.type} are declared at ${path}, but the route is at ${url}`);
}
