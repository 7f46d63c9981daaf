import { type FastifyInstance, type RouteOptions } from 'fastify';
import { type Access, OPEN } from './access';
import { authenticate } from './authenticate';
import { type OwnersRepository } from './owners.repository';
import { keepToOwn } from './ownership';
import { type Verifier } from './verifier';

export interface AuthOptions {
  /** None where authentication is off. */
  readonly verifier: Verifier | undefined;
  readonly owners: OwnersRepository;
  /** The routes of libraries that declare nothing and need no token, by their path. */
  readonly isOpen: (path: string) => boolean;
}

/**
 * Lets every route that comes from now on be used by those that its `config.access` allows. One that says nothing
 * ends the start, also where authentication is off: none is open by accident.
 *
 * The token is looked at behind the address and before negotiation: a hook of the route comes after those of the
 * server, and this one before the others of the route. Whether it is the caller's own, once the request has been read.
 */
export function installAuth(server: FastifyInstance, { verifier, owners, isOpen }: AuthOptions): void {
  server.addHook('onRoute', (route) => {
    const { token, own, ...rest } = accessOf(route, isOpen);
    if (verifier === undefined || token === 'ignored') return;
    route.onRequest = [
      authenticate({ token, ...rest, ...(own && { own }) }, verifier),
      ...all(route.onRequest),
    ];
    if (typeof own === 'object') route.preHandler = [...all(route.preHandler), keepToOwn(own, owners)];
  });
}

/** @throws where a route does not say who may use it */
function accessOf({ config, method, url }: RouteOptions, isOpen: AuthOptions['isOpen']): Access {
  const access = config?.access;
  if (access !== undefined) return access;
  // Browsers send no token with a preflight.
  if (String(method) === 'OPTIONS' || isOpen(url)) return OPEN;
  throw new Error(`${String(method)} ${url} does not say who may use it: declare its access`);
}

function all<H>(hooks: H | H[] | undefined): H[] {
  return hooks === undefined ? [] : Array.isArray(hooks) ? hooks : [hooks];
}
