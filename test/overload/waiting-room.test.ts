import { fastify, type FastifyReply } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { installAdmission } from '../../src/exposure/admission';
import { type Refusal } from '../../src/refusals';
import { type Place, WaitingRoom } from '../../src/exposure/waiting-room';

const LIMITS = { places: 2, placeMs: 60_000, maxWaiting: 3, maxWaitMs: 60_000 };

/** Asks for a place for somebody with a name. */
function visitor(room: WaitingRoom, told: string[], places = new Map<string, Place>()) {
  const ask = (name: string, goesOn = false): void => {
    room.ask(goesOn, (place) => {
      told.push(place === undefined ? `${name} is turned away` : name);
      if (place !== undefined) places.set(name, place);
    });
  };
  const leave = (name: string): void => {
    const place = places.get(name);
    if (place !== undefined) room.leave(place);
  };
  return { ask, leave };
}

describe('a waiting room', () => {
  test('lets in as many as there are places, and the others in the order of their arrival', () => {
    const told: string[] = [];
    const { ask, leave } = visitor(new WaitingRoom(LIMITS), told);
    for (const name of ['a', 'b', 'c', 'd', 'e']) ask(name);
    expect(told).toEqual(['a', 'b']);
    leave('b');
    leave('b'); // a second time is no harm
    expect(told).toEqual(['a', 'b', 'c']);
    leave('a');
    leave('c');
    expect(told).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('lets those first who go on with what they have begun', () => {
    const told: string[] = [];
    const { ask, leave } = visitor(new WaitingRoom(LIMITS), told);
    for (const name of ['a', 'b', 'c']) ask(name);
    ask('payment', true);
    leave('a');
    leave('b');
    expect(told).toEqual(['a', 'b', 'payment', 'c']);
  });

  test('turns away at once who would be one too many', () => {
    const told: string[] = [];
    const { ask } = visitor(new WaitingRoom(LIMITS), told);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) ask(name);
    expect(told).toEqual(['a', 'b', 'f is turned away']);
    ask('payment', true); // they have a queue of their own
    expect(told).toHaveLength(3);
  });

  test('turns away who has waited too long', async () => {
    const told: string[] = [];
    const { ask } = visitor(new WaitingRoom({ ...LIMITS, maxWaitMs: 50 }), told);
    for (const name of ['a', 'b', 'c', 'd']) ask(name);
    while (told.length < 4) await sleep(5);
    expect(told.slice(2)).toEqual(['c is turned away', 'd is turned away']);
  });

  test('takes the places of those who wait for something else', async () => {
    const told: string[] = [];
    const { ask, leave } = visitor(new WaitingRoom({ ...LIMITS, placeMs: 50 }), told);
    for (const name of ['a', 'b', 'c']) ask(name);
    while (told.length < 3) await sleep(5);
    leave('a'); // has no place any more, so nobody gets it
    ask('d');
    ask('e');
    expect(told).toEqual(['a', 'b', 'c', 'd']);
  });

  describe('whose clock the test moves', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    test('leaves their places to those who are only served slowly', async () => {
      const told: string[] = [];
      const { ask, leave } = visitor(new WaitingRoom({ ...LIMITS, placeMs: 50, maxWaiting: 100 }), told);
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) ask(name);
      // Somebody is served all the time, in the order of entering.
      for (const name of ['a', 'b', 'c', 'd']) {
        await jest.advanceTimersByTimeAsync(40);
        expect(told.length).toBe(2 + 'abcd'.indexOf(name));
        leave(name);
      }
      expect(told).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    });

    test('takes the place of who was overtaken by as many as there are places', async () => {
      const told: string[] = [];
      const { ask, leave } = visitor(new WaitingRoom({ ...LIMITS, placeMs: 50, maxWaiting: 100 }), told);
      for (const name of ['slow', 'b', 'c', 'd', 'e', 'f', 'g']) ask(name);
      for (const name of ['b', 'c', 'd', 'e']) {
        await jest.advanceTimersByTimeAsync(30);
        leave(name);
      }
      // There is one place but that of the slow one, and now there are two.
      expect(told).toEqual(['slow', 'b', 'c', 'd', 'e', 'f', 'g']);
    });
  });
});

describe('in front of a server', () => {
  /** A server with one place, whose answers wait until they are let go. */
  async function busyServer({ maxWaiting = LIMITS.maxWaiting } = {}) {
    const server = fastify();
    const warned: object[] = [];
    const door = {
      answer: (refused: Refusal, _request: unknown, reply: FastifyReply) =>
        void reply.code(refused.status).send(refused.message),
      log: { warn: (context: object) => void warned.push(context) },
    };
    installAdmission(server, door, { ...LIMITS, places: 1, maxWaiting });
    const begun: string[] = [];
    const answers = new Map<string, () => void>();
    const handler = async ({ url }: { url: string }): Promise<string> => {
      begun.push(url);
      await new Promise<void>((resolve) => answers.set(url, resolve));
      return url;
    };
    server.post('/purchases', handler);
    server.post('/payments', handler);
    server.patch('/reservations/:id', handler);
    server.delete('/reservations/:id', handler);
    server.get('/health/live', { config: { unlimited: true } }, () => 'ok');
    await server.ready();
    return { server, begun, answers, warned };
  }

  test('who is turned away is answered, and how many they were is told once', async () => {
    const { server, begun, answers, warned } = await busyServer({ maxWaiting: 1 });
    const served = ['/purchases?inside', '/purchases?waits'].map((url) =>
      server.inject({ method: 'POST', url }),
    );
    while (begun.length === 0) await sleep(1);
    const away = await Promise.all(
      Array.from({ length: 5 }, () => server.inject({ method: 'POST', url: '/purchases' })),
    );
    expect(away.map(({ statusCode, body }) => `${statusCode} ${body}`)).toEqual(
      Array(5).fill('503 overloaded'),
    );
    while (warned.length === 0) await sleep(10);
    answers.get('/purchases?inside')?.();
    while (begun.length === 1) await sleep(1);
    answers.get('/purchases?waits')?.();
    expect((await Promise.all(served)).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(warned).toEqual([{ requests: 5 }]);
    await server.close();
  });

  test('payments and changes of reservations come before sales that arrived earlier, and health needs no place', async () => {
    const { server, begun, answers } = await busyServer();
    const asked = [
      server.inject({ method: 'POST', url: '/purchases?first' }),
      server.inject({ method: 'POST', url: '/purchases?second' }),
      server.inject({ method: 'POST', url: '/payments' }),
      server.inject({ method: 'PATCH', url: '/reservations/1' }),
      server.inject({ method: 'DELETE', url: '/reservations/2' }),
    ];
    expect((await server.inject('/health/live')).statusCode).toBe(200);
    for (let answered = 0; answered < asked.length; answered += 1) {
      while (begun.length === answered) await sleep(1);
      answers.get(begun[answered] ?? '')?.();
    }
    await Promise.all(asked);
    const others = ['/payments', '/reservations/1', '/reservations/2'];
    expect(begun).toEqual(['/purchases?first', ...others, '/purchases?second']);
    await server.close();
  });

  test('a client that hangs up while it waits is not served', async () => {
    const { server, begun, answers } = await busyServer();
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    const first = fetch(`${url}/purchases?first`, { method: 'POST' });
    while (begun.length === 0) await sleep(1);
    const leaves = new AbortController();
    const gone = fetch(`${url}/purchases?gone`, { method: 'POST', signal: leaves.signal });
    await fetch(`${url}/health/live`); // by now it has arrived
    leaves.abort();
    await expect(gone).rejects.toThrow();
    await fetch(`${url}/health/live`); // and by now it is known to be gone
    const last = fetch(`${url}/purchases?last`, { method: 'POST' });
    answers.get('/purchases?first')?.();
    await first;
    while (begun.length === 1) await sleep(1);
    answers.get('/purchases?last')?.();
    await last;
    expect(begun).toEqual(['/purchases?first', '/purchases?last']);
    await server.close();
  });
});
