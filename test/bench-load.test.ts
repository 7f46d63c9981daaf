import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as NetServer } from 'node:net';
import { validate } from 'uuid';
import {
  CHOSEN_ID,
  ChosenIds,
  DISTINCT_ID,
  DistinctIds,
  KnownIds,
  ListedIds,
  placesOf,
} from '../bench/load/distinct-ids';
import { type LoadPlan, runLoad } from '../bench/load';
import { unexpected } from '../bench/measure';
import { ResponseReader } from '../bench/load/response-reader';
import { Samples } from '../bench/load/samples';
import { speedBetween } from '../bench/load/timeline';
import { undisturbed } from './support/undisturbed';

const ANSWER =
  'HTTP/1.1 201 Created\r\ncontent-type: text/plain\r\nContent-Length: 11\r\n\r\nhello\r\n\r\nyo';

describe('the reader of answers', () => {
  function readInChunks(answer: string, sizes: readonly number[]): number[] {
    const reader = new ResponseReader();
    let at = 0;
    return sizes.map((size) => {
      const chunk = Buffer.from(answer.slice(at, at + size), 'latin1');
      at += size;
      // The buffer is longer than what arrived in it, as it is in the generator.
      return reader.read(Buffer.concat([chunk, Buffer.from('left over')]), chunk.length);
    });
  }

  it('finds the end of an answer wherever it is cut in two', () => {
    for (let cut = 1; cut < ANSWER.length; cut++) {
      expect(readInChunks(ANSWER, [cut, ANSWER.length - cut])).toEqual([0, 201]);
    }
  });

  it('reads one answer after the other, byte by byte', () => {
    const statuses = readInChunks(ANSWER + ANSWER, Array<number>(2 * ANSWER.length).fill(1));
    expect(statuses.filter((status) => status !== 0)).toEqual([201, 201]);
    expect(statuses.at(-1)).toBe(201);
  });

  it.each([
    ['bytes behind the answer', `${ANSWER}x`],
    ['a chunked body', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['something that is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ])('refuses %s', (_what, answer) => {
    expect(() => readInChunks(answer, [answer.length])).toThrow();
  });
});

describe('distinct ids', () => {
  it('are valid UUIDs, none twice, in every place of the request', () => {
    const ids = new DistinctIds();
    const request = Buffer.from(`${DISTINCT_ID} and ${DISTINCT_ID}`);
    const places = placesOf(request);
    ids.prepare(request, places);
    const seen = new Set<string>();
    for (let n = 0; n < 100_000; n++) {
      ids.next(request, places);
      const [first = '', second] = request.toString().split(' and ');
      if (n < 100) expect([validate(first), second]).toEqual([true, first]);
      seen.add(first);
    }
    expect(seen.size).toBe(100_000);
  });

  it('can be those of users that are known', () => {
    const ids = new KnownIds(300);
    const request = Buffer.from(`/users/${DISTINCT_ID}`);
    const seen = new Set<string>();
    for (let n = 0; n < 10_000; n++) {
      ids.next(request, placesOf(Buffer.from(`/users/${DISTINCT_ID}`)));
      seen.add(request.toString('latin1', 7, 15));
      expect(request.toString('latin1', 15)).toBe(DISTINCT_ID.slice(8));
    }
    const numbers = [...seen].map((digits) => parseInt(digits, 16));
    expect([seen.size, Math.min(...numbers), Math.max(...numbers)]).toEqual([300, 0, 299]);
  });
});

describe('listed ids', () => {
  it('are those of the list, each once, one after the other', () => {
    const head = '01a1f9f7-4d9d-7000-8000-0000';
    const ids = new ListedIds({ head, count: 20 });
    const request = Buffer.from(`{"id":"${DISTINCT_ID}"}`);
    const places = placesOf(request);
    ids.prepare(request, places);
    const seen: string[] = [];
    while (ids.left > 0) {
      ids.next(request, places);
      seen.push((JSON.parse(request.toString()) as { id: string }).id);
    }
    const numbers = Array.from({ length: 20 }, (_, n) => n.toString(16).padStart(8, '0'));
    expect(seen).toEqual(numbers.map((number) => head + number));
  });
});

describe('chosen ids', () => {
  it('are drawn from the list, all of them, beside a distinct user', () => {
    const choices = Array.from(
      { length: 20 },
      (_, n) => `${String(n).padStart(8, '0')}${DISTINCT_ID.slice(8)}`,
    );
    const ids = new ChosenIds(new DistinctIds(), choices);
    const request = Buffer.from(`${DISTINCT_ID} buys ${CHOSEN_ID}`);
    const places = placesOf(request);
    ids.prepare(request, places);
    const [users, chosen] = [new Set<string>(), new Set<string>()];
    for (let n = 0; n < 1_000; n++) {
      ids.next(request, places);
      const [user = '', option = ''] = request.toString().split(' buys ');
      users.add(user);
      chosen.add(option);
    }
    expect(users.size).toBe(1_000);
    expect([...chosen].sort()).toEqual(choices);
  });
});

describe('the speed between two times', () => {
  const timeline = { startedAtMs: 1_000, answers: [10, 20, 30, 40] };

  it.each([
    ['whole tenths of a second', 1_100, 1_300, 250],
    ['the tenths that lie within, where they are cut', 1_050, 1_390, 250],
    ['nothing before the start', 0, 1_200, 150],
    ['nothing after the end', 1_300, 9_000, 400],
  ])('counts %s', (_what, from, until, speed) => {
    expect(speedBetween(timeline, from, until)).toBe(speed);
  });

  it('is not known where there is no whole tenth', () => {
    expect(speedBetween(timeline, 1_210, 1_290)).toBeNaN();
  });
});

describe('percentiles', () => {
  it('are samples, exactly, also after the storage has grown', () => {
    const samples = new Samples();
    const count = 300_000;
    for (let value = count; value >= 1; value--) samples.add(value);
    expect(samples.percentiles([0.5, 0.99, 1])).toEqual([count / 2, 0.99 * count, count]);
    expect(new Samples().percentiles([0.5])).toEqual([0]);
  });
});

describe('the load', () => {
  const open: { close(): unknown }[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) server.close();
  });

  async function listen(server: NetServer): Promise<number> {
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  async function plan(server: NetServer): Promise<LoadPlan> {
    const port = await listen(server);
    const request = { method: 'POST', path: '/purchases', body: `{"user":"${DISTINCT_ID}"}` } as const;
    return { ports: [port], connections: 8, warmUpSeconds: 0.05, seconds: 0.2, request };
  }

  it('gets an answer for every request it sent, each with another user', () =>
    // A machine that stands still for the measured time leaves it without an answer.
    undisturbed(100, async () => {
      const users: string[] = [];
      const server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          users.push((JSON.parse(body) as { user: string }).user);
          response.writeHead(users.length % 10 === 0 ? 400 : 201, { 'content-length': 2 }).end('{}');
        });
      });
      const result = await runLoad(await plan(server));

      const { 201: accepted = 0, 400: refused = 0, ...others } = result.statuses;
      expect(others).toEqual({});
      expect(accepted + refused).toBe(users.length);
      expect(refused).toBe(Math.floor(users.length / 10));
      expect(new Set(users).size).toBe(users.length);
      expect(result).toMatchObject({ unanswered: 0, failures: {}, spent: false });
      expect(result.measured).toBeGreaterThan(0);
      expect(result.measured).toBeLessThan(users.length);
      expect(result.requestsPerSecond).toBeCloseTo(result.measured / 0.2);
      expect(result.timeline.answers.reduce((sum, count) => sum + count)).toBe(users.length);
    }));

  it('ends when every listed id has been used, and says so', async () => {
    const ids: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        ids.push((JSON.parse(body) as { user: string }).user);
        response.writeHead(201, { 'content-length': 2 }).end('{}');
      });
    });
    open.push(server);
    const listed = { head: '01a1f9f7-4d9d-7000-8000-0000', count: 30 };
    const result = await runLoad({ ...(await plan(server)), seconds: 20, listed });

    expect(result).toMatchObject({ spent: true, unanswered: 0, failures: {}, statuses: { 201: 30 } });
    expect(new Set(ids).size).toBe(30);
  });

  it('tells of connections that end and of requests that were never answered', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end());
    });
    expect(await runLoad(await plan(server))).toMatchObject({
      measured: 0,
      unanswered: 8,
      failures: { 'closed by the server': 8 },
      statuses: {},
    });
  });

  it('tells of connections that were refused', async () => {
    const server = createServer();
    const nobody = await plan(server);
    await new Promise((resolve) => server.close(resolve));
    const result = await runLoad(nobody);
    expect(result).toMatchObject({ unanswered: 0, failures: { ECONNREFUSED: 8 } });
    expect(unexpected(result, [201])).toContain('8 connections: ECONNREFUSED');
  });

  it('shares its connections out among several servers', async () => {
    const seen = [new Set<number | undefined>(), new Set<number | undefined>()];
    const ports = await Promise.all(
      seen.map((of) =>
        listen(
          createServer((request, response) => {
            of.add(request.socket.remotePort);
            response.writeHead(201, { 'content-length': 2 }).end('{}');
          }),
        ),
      ),
    );
    const request = { method: 'GET', path: '/' } as const;
    await runLoad({ ports, connections: 8, warmUpSeconds: 0.05, seconds: 0.1, request });
    expect(seen.map(({ size }) => size)).toEqual([4, 4]);
  });

  it('tells of each part of the measured time', () =>
    // A machine that stands still for as long as a part lasts leaves it without an answer.
    undisturbed(150, async () => {
      let startedAt: number | undefined;
      const server = createServer((_request, response) => {
        // Slow in its second half.
        startedAt ??= Date.now();
        setTimeout(
          () => response.writeHead(201, { 'content-length': 2 }).end('{}'),
          Date.now() - startedAt > 500 ? 60 : 0,
        );
      });
      const { measured, windows } = await runLoad({
        ...(await plan(server)),
        seconds: 0.9,
        windowSeconds: 0.3,
      });
      expect(windows).toHaveLength(3);
      expect(windows[2]?.p99Ms).toBeGreaterThanOrEqual(59);
      expect(windows[2]?.requestsPerSecond).toBeLessThan(windows[0]?.requestsPerSecond ?? 0);
      const counted = windows.reduce((sum, { requestsPerSecond }) => sum + 0.3 * requestsPerSecond, 0);
      expect(Math.abs(counted - measured)).toBeLessThanOrEqual(8);
    }));

  describe('in an open loop', () => {
    const quiet = { connections: 4, warmUpSeconds: 0.1, seconds: 1.2, perSecond: 500 };

    it('sends as many as are due, whatever is answered', async () => {
      const server = createServer((request, response) => {
        request.resume();
        setTimeout(() => response.writeHead(201, { 'content-length': 2 }).end('{}'), 20);
      });
      const result = await runLoad({ ...(await plan(server)), ...quiet, connections: 64 });
      expect(unexpected(result, [201])).toEqual([]);
      // Six times the deviation of a Poisson process.
      expect(Math.abs(result.measured - 600)).toBeLessThan(6 * Math.sqrt(600));
      expect(result.p50Ms).toBeGreaterThanOrEqual(19);
    });

    it('counts what a stall keeps waiting from the moment it was due', async () => {
      let stalled: (() => void)[] | undefined;
      let count = 0;
      const server = createServer((request, response) => {
        request.resume();
        const answer = () => response.writeHead(201, { 'content-length': 2 }).end('{}');
        count += 1;
        if (count === 200) {
          stalled = [];
          setTimeout(() => {
            for (const release of stalled?.splice(0) ?? []) release();
            stalled = undefined;
          }, 400);
        }
        if (stalled === undefined) answer();
        else stalled.push(answer);
      });
      const result = await runLoad({ ...(await plan(server)), ...quiet });
      expect(unexpected(result, [201])).toEqual([]);
      // A closed loop would have told of four slow answers, one for each connection, out of hundreds.
      const slowest = Object.fromEntries(result.percentiles);
      expect(slowest['0.9']).toBeGreaterThan(150);
      expect(result.maxMs).toBeGreaterThan(350);
    });

    it('tells of what was due and could never be sent', async () => {
      const server = createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end());
      });
      const result = await runLoad({ ...(await plan(server)), ...quiet, seconds: 0.2, drainSeconds: 0.2 });
      expect(result).toMatchObject({ measured: 0, failures: { 'closed by the server': 4 } });
      expect(result.unanswered).toBeGreaterThan(50);
    });
  });
});
