import { type FastifyReply, type FastifyRequest } from 'fastify';
import { errors } from 'jose';
import { canonicalUuid } from '../json-api/ids';
import { type Refusal, refusal } from '../refusals';
import { type Access, scopesOf } from './access';
import { type Principal } from './principal';
import { KeysUnavailableError, MAX_TOKEN_LENGTH, type Verifier } from './verifier';

type Done = (error?: Error) => void;

const CHALLENGE = 'Bearer realm="holdfast"';
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * @returns a hook that lets those pass who may use a route. In callback style: for a token that is remembered it
 *   says so in the same turn of the event loop.
 */
export function authenticate(access: Access, verifier: Verifier) {
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const header = request.headers.authorization;
    if (header === undefined) {
      done(access.token === 'optional' ? undefined : missing(reply));
      return;
    }
    const [, token] = BEARER.exec(header) ?? [];
    if (token === undefined) {
      done(missing(reply, 'The Authorization header has no Bearer token.'));
      return;
    }
    if (token.length > MAX_TOKEN_LENGTH || hasSeveral(request)) {
      const detail = 'There must be one token, of no more than 8 KiB.';
      done(invalid(reply, detail));
      return;
    }
    const known = verifier.recall(token);
    if (known !== undefined) {
      done(admit(access, known, request, reply));
      return;
    }
    verifier.verify(token).then(
      (principal) => {
        done(admit(access, principal, request, reply));
      },
      (error: unknown) => {
        done(
          error instanceof KeysUnavailableError ? refusal('keys_unavailable') : invalid(reply, why(error)),
        );
      },
    );
  };
}

/** Node keeps the first of several Authorization headers; something in front may have looked at another. */
function hasSeveral({ raw: { rawHeaders } }: FastifyRequest): boolean {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count++;
  }
  return count > 1;
}

/** @returns the refusal of somebody who is known, but may not do this. */
function admit(
  access: Access,
  principal: Principal,
  request: FastifyRequest,
  reply: FastifyReply,
): Refusal | undefined {
  request.principal = principal;
  const { subject, scopes } = principal;
  if (access.token === 'optional' || access.scopes.some((scope) => scopes.has(scope))) return undefined;
  if (access.own !== undefined && scopes.has('tickets:buy')) {
    request.onlyUser = canonicalUuid(subject) ?? null;
    if (request.onlyUser !== null) return undefined;
    return refusal('forbidden', { detail: 'The `sub` of the token is no UUID, so it is no user.' });
  }
  const enough = scopesOf(access);
  reply.header('www-authenticate', `${CHALLENGE}, error="insufficient_scope", scope="${enough.join(' ')}"`);
  return refusal('forbidden', {
    detail: `The token has none of the scopes that allow this: ${enough.join(', ')}.`,
  });
}

/** RFC 6750, 3.1: who sent no token is told no error. */
function missing(reply: FastifyReply, detail?: string): Refusal {
  reply.header('www-authenticate', CHALLENGE);
  return refusal('unauthenticated', {
    detail,
    ...(detail !== undefined && { source: { header: 'Authorization' } }),
  });
}

function invalid(reply: FastifyReply, detail: string): Refusal {
  reply.header('www-authenticate', `${CHALLENGE}, error="invalid_token", error_description="${detail}"`);
  return refusal('unauthenticated', { detail, source: { header: 'Authorization' } });
}

/** In words of our own, as those of the library may quote the token. */
function why(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed)
    return CLAIMS[error.claim] ?? 'A claim of the token cannot be used.';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token is not signed in a way that is accepted.';
  return 'The token is not well-formed, or not signed with a key of its issuer.';
}

const CLAIMS: Readonly<Record<string, string>> = {
  iss: 'The token is of another issuer.',
  aud: 'The token is for another audience.',
  exp: 'The token has no time at which it expires.',
  nbf: 'The token is not valid yet.',
  sub: 'The token does not say whom it speaks for.',
};
