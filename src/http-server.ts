import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import './auth/access';
import './auth/principal';
import { installAdmission } from './exposure/admission';
import { installCors } from './exposure/cors';
import { setSecurityHeaders } from './exposure/headers';
import { installPipelining } from './exposure/pipelining';
import { installRateLimit } from './exposure/rate-limit';
import { asFastifyHasIt, type TrustedProxies } from './exposure/trust-proxy';
import { answerClientError } from './json-api/client-errors';
import { allowedMethods } from './json-api/methods';
import { answerError, type ErrorLog } from './json-api/refusal-filter';
import { installJsonApi } from './json-api/server';
import { HttpMeter } from './metrics/http-meter';
import { installPlain } from './plain/plain-route';
import { refusal } from './refusals';

/** Writes lines with their context; a pino logger fits. */
interface ServerLog extends ErrorLog {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
}

export interface HttpServerOptions {
  logger: ServerLog;
  /** The largest body that is read. */
  bodyLimitBytes?: number;
  /** Whose X-Forwarded-* headers are believed. */
  trustProxy?: TrustedProxies;
  /** Whose pages may read the answers: nobody's, those of `*`, or of a list. */
  corsOrigins?: readonly string[];
  /** How many requests one caller may send; 0 for any number. */
  rateLimitPerMinute?: number;
  /** Logs every request, not only the slow and the failed. */
  accessLog?: boolean;
  /** What counts the requests. */
  meter?: HttpMeter;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its refusals are ordinary answers to somebody who asks again and again. */
    quiet?: boolean;
  }
}

/** A request that takes longer is logged, as it is worth a look. */
const SLOW_MS = 1000;

/**
 * Makes the Fastify instance that Nest's adapter is given: limits, request ids, logging and JSON:API. It is made
 * here rather than by the adapter, which would add a constraint to the router for versions that this API does not
 * have, and a parser for forms.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { logger, trustProxy = false, meter = new HttpMeter() } = options;
  const makeId = requestIds();
  const server = fastify({
    logger: false, // a logger would be cloned for every request
    genReqId: makeId,
    trustProxy: asFastifyHasIt(trustProxy),
    bodyLimit: options.bodyLimitBytes ?? 65_536,
    connectionTimeout: 90_000, // of silence, so that whoever does not read an answer is not kept
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000, // longer than the 60 s of the usual load balancers, so that they close first
    http: {
      requireHostHeader: false,
      maxHeaderSize: 16_384,
      headersTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
    },
    routerOptions: { maxParamLength: 256 }, // an event's id and 50 characters of a kind, some of two units
    return503OnClosing: false, // what still arrives while closing is served
    frameworkErrors: (error, request, reply) => {
      setStandingHeaders(request, reply);
      answerError(error, request, reply, logger);
      meter.countUnrouted(reply.statusCode, request.refusedFor);
    },
    clientErrorHandler: (error, socket) => {
      const refused = answerClientError(error, socket, makeId());
      if (refused !== undefined) meter.countUnrouted(refused.status, refused.problems[0].code);
    },
  });
  meter.install(server);
  server.decorateRequest('principal', null);
  server.decorateRequest('onlyUser', null);
  const setStandingHeaders = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.header('x-request-id', request.id);
    setSecurityHeaders(request, reply, trustProxy !== false);
  };
  server.addHook('onRequest', (request, reply, done) => {
    setStandingHeaders(request, reply);
    done();
  });
  // Both load plugins, whose hooks would otherwise come behind those below.
  await installCors(server, options.corsOrigins ?? [], (error, request, reply) => {
    answerError(error, request, reply, logger);
  });
  installPipelining(server);
  installAdmission(server, {
    answer: (refused, request, reply) => {
      answerError(refused, request, reply, logger);
    },
    log: logger,
  });
  await installRateLimit(server, options.rateLimitPerMinute ?? 0);
  server.addHook('onRequest', (request, reply, done) => {
    // Before authentication, negotiation and the body: what is not there needs none of them.
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) {
      // Node would answer that by itself, with neither a document nor a request id.
      done(refusal('malformed_request', { detail: 'The request has no Host header.' }));
      return;
    }
    const isOffered = !request.is404 && request.method !== 'OPTIONS'; // CORS has a route for the latter
    done(isOffered ? undefined : notFound(server, request, reply));
  });
  server.addHook('onResponse', (request, reply, done) => {
    const ms = reply.elapsedTime;
    const { statusCode: status } = reply;
    const isQuiet = request.isTurnedAway || request.routeOptions.config.quiet === true;
    const failed = status >= 500 && !isQuiet;
    if (options.accessLog === true || ms > SLOW_MS || failed) {
      const { id: reqId, ip, method, url } = request;
      const line = { reqId, ip, method, url, status, ms: Math.round(ms) };
      if (failed) logger[status === 503 ? 'warn' : 'error'](line, 'request failed');
      else if (ms > SLOW_MS) logger.warn(line, 'slow request');
      else logger.info(line, 'request');
    }
    done();
  });
  server.addHook('preClose', (done) => {
    closeConnectionsAsTheyFallIdle(server);
    done();
  });
  // An expectation that nobody knows may be passed over (RFC 9110, 10.1.1); Node would answer 417 without a document.
  server.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.server.emit('request', request, response);
  });
  installJsonApi(server);
  installPlain(server);
  // Nest's adapter looks for this on what it is given: without it every request passes through middie, for nothing.
  return Object.assign(server, { skipMiddie: true });
}

/**
 * Closing ends the connections that are idle in that moment. One whose answer comes later would be kept alive, and
 * would hold up the end of the process for as long.
 */
function closeConnectionsAsTheyFallIdle({ server }: FastifyInstance): void {
  const timer = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  server.once('close', () => {
    clearInterval(timer);
  });
}

/** RFC 9110, 15.5.6: 405 comes with the methods that are allowed. */
function notFound(server: FastifyInstance, request: FastifyRequest, reply: FastifyReply) {
  const allowed = allowedMethods(server, request.raw.url ?? '');
  if (allowed.length === 0) return refusal('not_found');
  reply.header('allow', allowed.join(', '));
  return refusal('method_not_allowed');
}

const SANE_ID = /^[A-Za-z0-9._~:/+=-]{1,128}$/;

/**
 * The id of a request: the caller's, if it is short and harmless to log, so that one id runs through all services.
 * Else a counter behind the random name of this process, which costs nothing and never repeats.
 */
function requestIds(): (request?: IncomingMessage) => string {
  const process = randomBytes(6).toString('base64url');
  let count = 0;
  return (request) => {
    const given = request?.headers['x-request-id'];
    if (typeof given === 'string' && SANE_ID.test(given)) return given;
    return `${process}-${(++count).toString(36)}`;
  };
}
