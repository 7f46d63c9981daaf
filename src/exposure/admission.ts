import { type FastifyInstance } from 'fastify';
import { refusal } from '../refusals';
import { type Place, type RoomLimits, WaitingRoom } from './waiting-room';

declare module 'fastify' {
  interface FastifyRequest {
    /** What a request has while it is worked on; null before that, and for those that need none. */
    place: Place | null;
  }
}

/**
 * With 512 places a group is as large as it is served best: with 1,000 requests in flight the service answers fewer
 * than with 256, and with fewer than 256 its turns are too small when the event loop is busy. Half a second of waiting
 * leaves as much again until the answer has to be there. See docs/decisions/0027-overload.md.
 */
const LIMITS: RoomLimits = { places: 512, placeMs: 250, maxWaiting: 10_000, maxWaitMs: 500 };

/** Money and tickets hang on these already. */
const GOES_ON = new Set(['POST /payments', 'PATCH /reservations/:id', 'DELETE /reservations/:id']);

/**
 * Puts a waiting room in front of the service. What finds no place in it in time is refused with 503 `overloaded`
 * before anything of it is read. Routes of those who look after the service (`unlimited`) need no place.
 */
export function installAdmission(server: FastifyInstance, limits = LIMITS): void {
  const room = new WaitingRoom(limits);
  server.decorateRequest('place', null);
  server.addHook('onRequest', (request, _reply, done) => {
    const { method, raw, routeOptions } = request;
    if (routeOptions.config.unlimited === true) {
      done();
      return;
    }
    room.ask(GOES_ON.has(`${method} ${routeOptions.url ?? ''}`), (place) => {
      if (place !== undefined && raw.socket.destroyed) {
        room.leave(place);
        done(refusal('overloaded')); // nobody reads it
      } else {
        request.place = place ?? null;
        done(place === undefined ? refusal('overloaded') : undefined);
      }
    });
  });
  server.addHook('onResponse', (request, _reply, done) => {
    if (request.place !== null) room.leave(request.place);
    done();
  });
}
