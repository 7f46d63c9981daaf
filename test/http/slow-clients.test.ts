import { connect, type Socket } from 'node:net';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { Instance } from '../support/instance';
import { Shop } from '../support/shop';

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
    expect(ms).toBeLessThan(40_000);
  }
}, 60_000);

test('a flood of requests in one connection does not keep others waiting', async () => {
  const socket = await open();
  socket.resume();
  socket.write('GET /nope HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(20_000));
  const { status, sentMs, answeredMs } = await shop.get('/health/live');
  expect(status).toBe(200);
  expect(answeredMs - sentMs).toBeLessThan(5_000);
});
