import { type FastifyReply, type FastifyRequest } from 'fastify';

/** What every answer tells browsers that show, frame or embed it by mistake, or come from it. */
const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

/** A document is data: a page made of it loads nothing and runs nothing. */
const DATA = { ...ALWAYS, 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" };

/** Swagger UI is made of files of this server, sets styles by itself, and has pictures in its style sheet. */
const PAGES = {
  ...ALWAYS,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** Made once: the hot path only copies them. What is read may be kept, but is asked for again before it is used. */
const READ = { ...DATA, 'cache-control': 'private, no-cache' };
const WRITTEN = { ...DATA, 'cache-control': 'no-store' };
const SHOWN = { ...PAGES, 'cache-control': 'no-cache' };

/** Half a year, for this host alone: what other names of the domain serve is not known here. */
const STRICT_TRANSPORT = 'max-age=15552000';

/**
 * Sets what makes an answer safe to hand to a browser.
 *
 * @param trustProxy whether the proxy is believed that the request came over TLS
 */
export function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply, trustProxy: boolean): void {
  const { method, url } = request.raw;
  if (method !== 'GET' && method !== 'HEAD') reply.headers(WRITTEN);
  else reply.headers(isPage(url ?? '') ? SHOWN : READ);
  if (trustProxy && request.protocol === 'https') reply.header('strict-transport-security', STRICT_TRANSPORT);
}

/** The same for what Node answers before there is a request, as lines of a header. */
export const SECURITY_HEADER_LINES = Object.entries(WRITTEN)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');

function isPage(url: string): boolean {
  return /^\/docs(?:[/?]|$)/.test(url);
}
