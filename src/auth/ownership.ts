import { type FastifyReply, type FastifyRequest } from 'fastify';
import { canonicalUuid } from '../json-api/ids';
import { type ProblemSource, type Refusal, refusal } from '../refusals';
import { type Own } from './access';
import { type OwnersRepository } from './owners.repository';

type Done = (error?: Error) => void;

/** @returns a hook that keeps users to what is theirs, once the request has been read. */
export function keepToOwn(own: Exclude<Own, string>, owners: OwnersRepository) {
  return (request: FastifyRequest, _reply: FastifyReply, done: Done): void => {
    const { onlyUser } = request;
    if (onlyUser === null) {
      done();
      return;
    }
    if ('user' in own) {
      done(refusalUnless(own.user(request) === onlyUser, own.source));
      return;
    }
    const id = canonicalUuid(own.id(request));
    if (id === undefined) {
      done(); // it names nothing, which whoever takes it says
      return;
    }
    owners.find(own.of, id).then((owner) => {
      // Ids are not to be told from one another, so what is there is answered like what is not.
      done(owner === onlyUser ? undefined : refusal('not_found', own.problem));
    }, done);
  };
}

/**
 * Keeps users to themselves, on routes that leave it to their method.
 *
 * @param source where the request names the user
 * @throws Refusal forbidden
 */
export function mustBeCaller({ onlyUser }: FastifyRequest, user: string, source: ProblemSource): void {
  const refused = refusalUnless(onlyUser === null || user === onlyUser, source);
  if (refused !== undefined) throw refused;
}

function refusalUnless(isCaller: boolean, source: ProblemSource): Refusal | undefined {
  if (isCaller) return undefined;
  const detail =
    'parameter' in source
      ? 'The token allows to see what is its own: narrow the list down to its user.'
      : 'The token allows to act for its own user only.';
  return refusal('forbidden', { detail, source });
}
