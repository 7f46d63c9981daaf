import { type FastifyInstance } from 'fastify';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** @returns the methods that some route offers at the address; none when there is nothing at all. */
export function allowedMethods(server: FastifyInstance, url: string): string[] {
  const path = url.split('?', 1)[0] ?? url;
  return METHODS.filter((method) => {
    const route = server.findRoute({ method, url: path }) as { params: Record<string, string> } | null;
    return route !== null && !Object.values(route.params).includes('');
  });
}
