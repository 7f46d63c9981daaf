import { type RefusalCode } from '../refusals';
import { type Access, scopesOf } from './access';

/** The name of the way to authenticate, in the description of the API. */
export const SCHEME = 'token';

/** Described as `components.securitySchemes` has it. */
export const SECURITY_SCHEME = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description:
    'Where authentication is on. A token carries its scopes as `scope` or `scp`: `tickets:buy` lets the user in `sub` buy and see what is its own, `tickets:act` lets a service do so for everyone, `tickets:manage` is for organisers, `statistics:read` for figures.',
} as const;

type Requirement = Readonly<Record<string, string[]>>;

/** @returns what each of is enough: a token with one of the scopes; or none, which is all it takes where authentication is off. */
export function securityOf(access: Access): Requirement[] {
  if (access.token === 'ignored') return [];
  if (access.token === 'optional') return [{}, { [SCHEME]: [] }];
  return [...scopesOf(access).map((scope) => ({ [SCHEME]: [scope] })), {}];
}

/** @returns what somebody may be answered who may not use the route. */
export function refusalsOf(access: Access | undefined): readonly RefusalCode[] {
  if (access === undefined || access.token === 'ignored') return [];
  return access.token === 'optional'
    ? ['unauthenticated', 'keys_unavailable']
    : ['unauthenticated', 'forbidden', 'keys_unavailable'];
}
