import { fastify } from 'fastify';
import { asFastifyHasIt, readTrustedProxies } from '../../../src/exposure/trust-proxy';
import { startApp } from '../../support/app';
import { ask } from '../wire';

/** @returns whom a server with this TRUST_PROXY takes for the caller, when the connection comes from 127.0.0.1 */
async function callerWith(trustProxy: string, forwardedFor?: string): Promise<string> {
  const trusted = readTrustedProxies(trustProxy);
  if (trusted === undefined) throw new Error(`${trustProxy} cannot be read`);
  const server = fastify({ trustProxy: asFastifyHasIt(trusted) });
  server.get('/', ({ ip }) => ip);
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  const { body } = await server.inject({ url: '/', headers, remoteAddress: '127.0.0.1' });
  await server.close();
  return body;
}

const CLAIMED = '198.51.100.1';
const CALLER = '192.0.2.7';
const TLS_PROXY = '10.0.0.5';

describe.each<[trustProxy: string, forwardedFor: string | undefined, caller: string]>([
  ['false', CALLER, '127.0.0.1'],
  ['1', CALLER, CALLER],
  ['1', `${CLAIMED}, ${CALLER}`, CALLER],
  ['1', `${CLAIMED}, ${CLAIMED}, ${CALLER}`, CALLER],
  ['1', undefined, '127.0.0.1'],
  ['2', `${CLAIMED}, ${CALLER}, ${TLS_PROXY}`, CALLER],
  ['2', `${CALLER}, ${TLS_PROXY}`, CALLER],
  ['127.0.0.1', `${CLAIMED}, ${CALLER}`, CALLER],
  ['loopback', `${CLAIMED}, ${CALLER}`, CALLER],
  ['loopback, 10.0.0.0/8', `${CLAIMED}, ${CALLER}, ${TLS_PROXY}`, CALLER],
  ['::1, 127.0.0.0/8', `${CLAIMED}, ${CALLER}`, CALLER],
  ['192.0.2.200', `${CLAIMED}, ${CALLER}`, '127.0.0.1'],
  ['true', `${CALLER}, ${TLS_PROXY}`, CALLER],
])('with TRUST_PROXY=%s and X-Forwarded-For: %s', (trustProxy, forwardedFor, caller) => {
  test(`the caller is ${caller}`, async () => {
    expect(await callerWith(trustProxy, forwardedFor)).toBe(caller);
  });
});

test.each([
  '',
  '0',
  '-1',
  '33',
  '1.5',
  'yes',
  'TRUE',
  '10.0.0.0/0',
  '10.0.0.0/33',
  '::1/129',
  '10.0.0',
  'proxy.example',
  '127.0.0.1,',
])('TRUST_PROXY=%s cannot be read', (text) => {
  expect(readTrustedProxies(text)).toBeUndefined();
});

/** Sends one request more than the limit lets through, each under another address. @returns the last status */
async function oneTooMany(trustProxy: string): Promise<number> {
  const app = await startApp({ env: { RATE_LIMIT_PER_MINUTE: '3', TRUST_PROXY: trustProxy } });
  let status = 0;
  for (let sent = 1; sent <= 4; sent += 1) {
    const headers = { 'x-forwarded-for': `198.51.100.${sent}, ${CALLER}` };
    ({ status } = await ask(app, { method: 'GET', path: '/events', headers }));
  }
  await app.stop();
  return status;
}

test('a caller does not get around the limit by claiming addresses', async () => {
  expect(await oneTooMany('1')).toBe(429);
});

test('with TRUST_PROXY=true it would, as documented', async () => {
  expect(await oneTooMany('true')).toBe(200);
});
