import { connect, type Socket } from 'node:net';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { Instance } from '../support/instance';
import { Shop } from '../support/shop';
import { undisturbed } from '../support/undisturbed';

/* Clients that take their time, or take all of it, at an instance of its own. */

let database: TestDatabase;
let instance: Instance;
let shop: Shop;
let port = 0;
const sockets: Socket[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  instance = await Instance.start({ DATABASE_URL: database.url });
  shop = new Shop(instance.url);
  port = Number(new URL(instance.url).port);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  shop.close();
  expect(await instance.end()).toBe(0);
  await database.drop();
});

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      resolve(socket);
    });
    socket.on('error', reject);
    sockets.push(socket);
  });
}

/** Resolves when the service has closed the connection. @returns what it had written, and after how long */
function closed(socket: Socket): Promise<{ text: string; ms: number }> {
  const from = performance.now();
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve({ text, ms: performance.now() - from });
    });
  });
}

test('a header and a body that come byte by byte are ended with 408', async () => {
  const head =
    'POST /purchases HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';
  const starts = ['GET /events HTTP/1.1\r\nHost: h\r\nX: ', head];
  const ends = await Promise.all(
    starts.map(async (start) => {
      const socket = await open();
      socket.write(start);
      const drip = setInterval(() => socket.write('a'), 500);
      const end = await closed(socket);
      clearInterval(drip);
      return end;
    }),
  );
  for (const { text, ms } of ends) {
    expect(text).toMatch(/^HTTP\/1\.1 408 [^]*"request_timeout"/);
    expect(ms).toBeLessThan(60_000); // after 30 s, which are looked for every 5 s
  }
}, 90_000);

test('a flood of requests in one connection does not keep others waiting', () =>
  undisturbed(1_000, async () => {
    const socket = await open();
    socket.resume();
    socket.write('GET /nope HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(20_000));
    const { status, sentMs, answeredMs } = await shop.get('/health/live');
    expect(status).toBe(200);
    expect(answeredMs - sentMs).toBeLessThan(5_000);
  }));

test('what is pipelined beyond 16 requests is refused, in its place, and the connection ends', async () => {
  const socket = await open();
  const end = closed(socket);
  socket.write('GET /events HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(40));
  const { text } = await end;
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([...Array<string>(16).fill('HTTP/1.1 200'), 'HTTP/1.1 503']);
  expect(text).toMatch(/HTTP\/1\.1 503 [^]*connection: close[^]*"overloaded"/i);
});

test('clients that ask for large pages and read none cost little memory', async () => {
  for (let n = 0; n < 60; n += 1) await shop.announce({ description: 'x'.repeat(10_000) });
  const before = instance.memoryMib();
  for (let n = 0; n < 10; n += 1) {
    const socket = await open();
    socket.pause();
    socket.write('GET /events?page[size]=100 HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(2_000));
  }
  let most = 0;
  for (const end = performance.now() + 3_000; performance.now() < end;) {
    expect((await shop.get('/health/live')).status).toBe(200);
    most = Math.max(most, instance.memoryMib());
  }
  // Without a bound it was 800; ten times sixteen pages of 0.6 MB are 96.
  expect(most - before).toBeLessThan(300);
});
