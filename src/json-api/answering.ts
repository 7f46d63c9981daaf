import { type FastifyReply, type FastifyRequest } from 'fastify';
import { listDocument } from './list-document';
import { Compound, compound, type Page } from './listing';
import { LIST_MEDIA_TYPE, MEDIA_TYPE } from './media-types';
import { entityTag, isKnown } from './preconditions';
import { NO_QUERY, type Query } from './query';
import { type JsonApiRoute } from './route-config';
import { serialiserOf } from './serialise';

/** Null for what the caller has already. */
type Renderer = (request: FastifyRequest, reply: FastifyReply, payload: object) => string | null;

/** What was read by one query for everybody who asked at that moment is one object, and is written once. */
interface Written {
  readonly document: string;
  readonly etag: string;
}

/** Renders what the controller returned, after which Fastify has only to send it. */
export function rendererFor(route: JsonApiRoute) {
  const render = documentWriterFor(route);
  return (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error: Error | null, payload?: unknown) => void,
  ): void => {
    setDocumentHeaders(reply);
    done(null, render(request, reply, payload as object));
  };
}

function documentWriterFor(route: JsonApiRoute): Renderer {
  const { action, resource, include, includes } = route;
  const { version } = resource;
  const serialiser = serialiserOf(resource.target);
  switch (action) {
    case 'create':
      if (includes === undefined)
        return ({ jsonApiQuery }, reply, created) => {
          setLocation(reply, serialiser.self(created));
          const document = serialiser.created(created, jsonApiQuery ?? NO_QUERY);
          // A sale has no use for one that would be worth its time.
          if (version !== undefined) reply.header('etag', entityTag(document, version(created)));
          return document;
        };
      return ({ jsonApiQuery }, reply, payload) => {
        const { resource: created, included } = isCompound(payload) ? payload : compound(payload, []);
        setLocation(reply, serialiser.self(created));
        return serialiser.created(created, jsonApiQuery ?? NO_QUERY, included);
      };
    case 'list':
      return ({ jsonApiQuery, jsonApiList }, reply, page) => {
        if (jsonApiList === null) throw new Error('the list has not been read');
        reply.header('content-type', LIST_MEDIA_TYPE);
        return listDocument(serialiser, page as Page<object>, jsonApiList, jsonApiQuery ?? NO_QUERY);
      };
    default: {
      const write = (payload: object, query: Query): Written => {
        const { resource: fetched, included } =
          include.size > 0 && isCompound(payload) ? payload : { resource: payload, included: undefined };
        const document = serialiser.fetched(fetched, query, included);
        return { document, etag: entityTag(document, version?.(fetched)) };
      };
      const writtenBefore = new WeakMap<object, Written>();
      const writeOnce = (payload: object): Written => {
        let written = writtenBefore.get(payload);
        if (written === undefined) {
          written = write(payload, NO_QUERY);
          writtenBefore.set(payload, written);
        }
        return written;
      };
      return (request, reply, payload) => {
        const query = request.jsonApiQuery ?? NO_QUERY;
        const { document, etag } = query === NO_QUERY ? writeOnce(payload) : write(payload, query);
        reply.header('etag', etag);
        const known = request.headers['if-none-match'];
        if (known === undefined || !isKnown(known, etag)) return document;
        reply.code(304).removeHeader('content-type');
        // HEAD takes the length from it, and sends nothing of it either.
        return request.method === 'HEAD' ? document : null;
      };
    }
  }
}

function setLocation(reply: FastifyReply, address: string | null): void {
  if (address !== null) reply.header('location', address);
}

function isCompound(payload: object): payload is Compound {
  return payload instanceof Compound;
}

/** What every answer that carries a JSON:API document says of itself. */
export function setDocumentHeaders(reply: FastifyReply): void {
  setVary(reply);
  reply.header('content-type', MEDIA_TYPE);
}

/** JSON:API 1.1, "Content Negotiation": the answer depends on `Accept`, whatever it is. */
export function setVary(reply: FastifyReply): void {
  const vary = reply.getHeader('vary');
  if (typeof vary !== 'string') reply.header('vary', 'Accept');
  // `Origin` may be there already; and so may this, when an error comes after the answer was begun.
  else if (!vary.includes('Accept')) reply.header('vary', `${vary}, Accept`);
}

/**
 * Stands in for Fastify's serialisation. With any serializer set, Fastify leaves the Content-Type alone; without
 * one it appends "; charset=utf-8", which JSON:API forbids.
 */
export function asItIs(payload: unknown): string {
  return payload as string;
}
