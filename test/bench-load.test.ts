import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as NetServer } from 'node:net';
import { validate } from 'uuid';
import { DISTINCT_ID, DistinctIds, KnownIds, ListedIds, placesOf } from '../bench/load/distinct-ids';
import { type LoadPlan, runLoad } from '../bench/load';
import { ResponseReader } from '../bench/load/response-reader';
import { Samples } from '../bench/load/samples';
import { type Counted, differences } from '../bench/differences';
import { speedBetween } from '../bench/load/timeline';
import { type CountedPaid, differencesPaid } from '../bench/verify-paid';

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

  async function plan(server: NetServer): Promise<LoadPlan> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const request = { method: 'POST', path: '/purchases', body: `{"user":"${DISTINCT_ID}"}` } as const;
    return { ports: [port], connections: 8, warmUpSeconds: 0.05, seconds: 0.2, request };
  }

  it('gets an answer for every request it sent, each with another user', async () => {
    const users: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        users.push((JSON.parse(body) as { user: string }).user);
        response.writeHead(users.length % 10 === 0 ? 400 : 201, { 'content-length': 2 }).end('{}');
      });
    });
    open.push(server);
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
  });

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
    open.push(server);
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
    expect(await runLoad(nobody)).toMatchObject({ unanswered: 0, failures: { ECONNREFUSED: 8 } });
  });
});

describe('the count after a load', () => {
  const bought: Counted = {
    ...{ allocation: 10, remaining: 3, reserved: 0, sold: 7 },
    ...{ purchased: 7, held: 0, promised: 0, counted: null },
  };
  const reserved: Counted = {
    ...{ allocation: 10, remaining: 3, reserved: 7, sold: 0 },
    ...{ purchased: 0, held: 7, promised: 7, counted: 7 },
  };
  const told = (accepted: number, others: Record<string, number> = {}, unanswered = 0) => ({
    allocation: 10,
    quantity: 1,
    result: { statuses: { 201: accepted, ...others }, unanswered },
  });

  it('finds nothing where everything fits', () => {
    expect(differences(told(7, { 400: 5 }), bought)).toEqual([]);
    expect(differences(told(7, { 409: 5 }), reserved)).toEqual([]);
  });

  it.each([
    ['an oversold option', told(11), { ...bought, remaining: -1, sold: 11, purchased: 11 }],
    ['a purchase without its row', told(7), { ...bought, purchased: 6 }],
    ['a reservation without its hold', told(7), { ...reserved, held: 6 }],
    ['a hold without its reservation', told(7), { ...reserved, promised: 6 }],
    ['a user who is not counted', told(7), { ...reserved, counted: 6 }],
    ['a reservation where something was bought', told(7), { ...reserved, reserved: 0, sold: 7 }],
    ['an acknowledged purchase that is gone', told(8), bought],
    ['a purchase that nobody was told of', told(6), bought],
    ['counters that do not add up', told(7), { ...bought, remaining: 4 }],
    ['an allocation that changed', told(7), { ...bought, allocation: 11, remaining: 4 }],
  ])('finds %s', (_what, sale, counted) => {
    expect(differences(sale, counted)).not.toEqual([]);
  });

  it('grants that a request without a clear answer may have bought', () => {
    expect(differences(told(5, { 503: 1 }, 1), bought)).toEqual([]);
    expect(differences(told(5, { 503: 1 }), bought)).not.toEqual([]);
  });
});

describe('the count after payments', () => {
  const paid: CountedPaid = {
    ...{ reserved: 3, sold: 7, revenue_cents: 700, purchases: 7, paid_reservations: 7 },
    ...{ payments: 7, paid_cents: 700, open_payments: 0 },
    ...{ charges: 7, charged_cents: 700, unknown_charges: 0 },
  };
  const told = (accepted: number, others: Record<string, number> = {}, unanswered = 0) => ({
    reserved: 10,
    priceCents: 100,
    result: { statuses: { 201: accepted, ...others }, unanswered },
  });

  it('finds nothing where everything fits', () => {
    expect(differencesPaid(told(7), paid)).toEqual([]);
    expect(differencesPaid(told(5, { 503: 1 }, 1), paid)).toEqual([]);
  });

  it.each([
    ['a payment that nobody was told of', told(6), paid],
    ['an acknowledged payment that is gone', told(8), paid],
    ['a charge without its payment', told(7), { ...paid, charges: 8, charged_cents: 800 }],
    ['a charge of too much', told(7), { ...paid, charged_cents: 701 }],
    ['a charge that no payment knows', told(7), { ...paid, unknown_charges: 1 }],
    ['a payment without its purchase', told(7), { ...paid, purchases: 6 }],
    ['a payment whose reservation is not paid', told(7), { ...paid, paid_reservations: 6 }],
    ['a payment without an end', told(7), { ...paid, open_payments: 1 }],
    ['tickets that are held still', told(7), { ...paid, reserved: 4 }],
    ['revenue that nobody paid', told(7), { ...paid, revenue_cents: 800 }],
  ])('finds %s', (_what, paying, counted) => {
    expect(differencesPaid(paying, counted)).not.toEqual([]);
  });
});
