import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Refusal, refusal } from '../refusals';
import { type Place, type RoomLimits, WaitingRoom } from './waiting-room';

declare module 'fastify' {
  interface FastifyRequest {
    /** What a request has while it is worked on; null before that, and for those that need none. */
    place: Place | null;
    /** Whether it was refused for want of a place. */
    isTurnedAway: boolean;
  }
}

/** How those are answered who find no place, and where it is told how many they are. */
interface Door {
  /** Answers at once: whatever else stands between a request and its answer would be paid by those inside. */
  readonly answer: (refused: Refusal, request: FastifyRequest, reply: FastifyReply) => void;
  readonly log: { warn(context: object, message: string): void };
}

/**
 * With 512 places a group is as large as it is served best: with 1,000 requests in flight the service answers fewer
 * than with 256, and with fewer than 256 its turns are too small when the event loop is busy. Half a second of waiting
 * leaves as much again until the answer has to be there. See docs/decisions/0027-overload.md.
 */
const LIMITS: RoomLimits = { places: 512, placeMs: 250, maxWaiting: 10_000, maxWaitMs: 500 };

/** Money and tickets hang on these already. */
const GOES_ON = new Set(['POST /payments', 'PATCH /reservations/:id', 'DELETE /reservations/:id']);

/** One for all: it says nothing of the request. */
const TURNED_AWAY = refusal('overloaded');

/** Of thousands a second each would be a line in the log, and cost more than its answer. */
const TOLD_EVERY_MS = 1_000;

/**
 * Puts a waiting room in front of the service. What finds no place in it in time is refused with 503 `overloaded`
 * before anything of it is read. Routes of those who look after the service (`unlimited`) need no place.
 */
export function installAdmission(server: FastifyInstance, door: Door, limits = LIMITS): void {
  const room = new WaitingRoom(limits);
  const count = counter(door.log);
  server.decorateRequest('place', null);
  server.decorateRequest('isTurnedAway', false);
  server.addHook('onRequest', (request, reply, done) => {
    const { method, raw, routeOptions } = request;
    if (routeOptions.config.unlimited === true) {
      done();
      return;
    }
    room.ask(GOES_ON.has(`${method} ${routeOptions.url ?? ''}`), (place) => {
      if (place !== undefined && !raw.socket.destroyed) {
        request.place = place;
        done();
        return;
      }
      if (place !== undefined) room.leave(place); // nobody waits for it any more
      request.isTurnedAway = true;
      count();
      door.answer(TURNED_AWAY, request, reply);
    });
  });
  server.addHook('onResponse', (request, _reply, done) => {
    if (request.place !== null) room.leave(request.place);
    done();
  });
}

/** @returns what is called for each who is turned away; how many they were is told once in a while */
function counter(log: Door['log']): () => void {
  let requests = 0;
  return () => {
    requests += 1;
    if (requests > 1) return;
    setTimeout(() => {
      log.warn({ requests }, 'requests were turned away: more wait than can be served in time');
      requests = 0;
    }, TOLD_EVERY_MS).unref();
  };
}
