import { createSecretKey } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose';
import { startApp, type TestApp } from '../support/app';
import { AUDIENCE, type Claims, ISSUER, Issuer, newKey, sign } from '../support/issuer';
import { type Answer, ask, errorOf, rawAsk } from '../http/wire';

const USER = '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3a70';
const BUYER = { sub: USER, scope: 'tickets:buy' };
const LIST = `/purchases?filter[user]=${USER}`;
const TOLERANCE_S = 5;
const now = (): number => Math.floor(Date.now() / 1_000);

let issuer: Issuer;
let app: TestApp;
beforeAll(async () => {
  issuer = await Issuer.start();
  app = await startApp({ env: { ...issuer.env, ACCESS_LOG: 'true' } });
});
afterAll(async () => {
  await app.stop();
  await issuer.stop();
});

function get(authorization: string | undefined, path = LIST): Promise<Answer> {
  return ask(app, { method: 'GET', path, headers: { authorization } });
}

async function bearer(claims: Claims): Promise<string> {
  return `Bearer ${await issuer.token({ ...BUYER, ...claims })}`;
}

it.each<[string, Claims]>([
  ['the scopes as one text', { scope: 'openid tickets:buy' }],
  ['the scopes as a list', { scope: undefined, scp: ['openid', 'tickets:buy'] }],
  ['several audiences', { aud: ['other', AUDIENCE] }],
  ['a user in capitals', { sub: USER.toUpperCase() }],
  ['a time that began a moment ahead of this clock', { nbf: now() + 2 }],
])('takes a token with %s', async (_what, claims) => {
  expect(await get(await bearer(claims))).toMatchObject({ status: 200 });
});

it('takes the scheme in any case', async () => {
  const token = await issuer.token(BUYER);
  expect(await get(`bearer ${token}`)).toMatchObject({ status: 200 });
});

const forged = async (): Promise<string> => sign({ ...(await newKey()), kid: issuer.currentKey.kid }, BUYER);
const changed = async (): Promise<string> => {
  const [head, , signature] = (await issuer.token({ sub: 'someone else' })).split('.');
  const [, payload] = (await issuer.token(BUYER)).split('.');
  return [head, payload, signature].join('.');
};
const unsigned = (): string =>
  new UnsecuredJWT(BUYER).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime('5m').encode();
const signedWithPublicKey = async (): Promise<string> => {
  const { publicKey, kid } = issuer.currentKey;
  return new SignJWT({ ...BUYER, iss: ISSUER, aud: AUDIENCE, exp: now() + 300 })
    .setProtectedHeader({ alg: 'HS256', kid })
    .sign(createSecretKey(Buffer.from(await exportSPKI(publicKey))));
};

describe.each<[string, () => Promise<string> | string, RegExp]>([
  ['with a forged signature', forged, /not signed with a key/],
  ['with claims of another token', changed, /not signed with a key/],
  ['of a key that nobody has published', async () => sign(await newKey(), BUYER), /not signed with a key/],
  ['without a signature', unsigned, /not signed in a way/],
  ['signed with the public key as a secret', signedWithPublicKey, /not signed in a way/],
  ['that has expired', () => issuer.token({ ...BUYER, exp: now() - 60 }), /expired/],
  ['that is not valid yet', () => issuer.token({ ...BUYER, nbf: now() + 60 }), /not valid yet/],
  ['for another audience', () => issuer.token({ ...BUYER, aud: 'other' }), /another audience/],
  ['without an audience', () => issuer.token({ ...BUYER, aud: undefined }), /another audience/],
  ['of another issuer', () => issuer.token({ ...BUYER, iss: 'https://other.example' }), /another issuer/],
  ['that never expires', () => issuer.token({ ...BUYER, exp: undefined }), /no time at which it expires/],
  ['without a subject', () => issuer.token({ ...BUYER, sub: undefined }), /whom it speaks for/],
  ['with an empty subject', () => issuer.token({ ...BUYER, sub: '' }), /not well-formed/],
  ['that is oversized', () => issuer.token({ ...BUYER, filler: 'x'.repeat(7_000) }), /no more than 8 KiB/],
  ['that is garbage', () => 'garbage', /not well-formed/],
  ['of three parts of garbage', () => 'a.b.c', /not well-formed/],
])('a token %s', (_what, make, why) => {
  it.each([LIST, '/events'])('is refused at %s', async (path) => {
    const answer = await get(`Bearer ${await make()}`, path);
    const problem = errorOf(answer);
    expect(problem).toMatchObject({ status: '401', code: 'unauthenticated' });
    expect(problem.source).toEqual({ header: 'Authorization' });
    expect(problem.detail).toMatch(why);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="holdfast", error="invalid_token", /);
  });
});

it.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', 'Bearer ü', 'Token abc'])(
  'refuses what is no bearer token: %s',
  async (authorization) => {
    const answer = await get(authorization);
    expect(errorOf(answer).code).toBe('unauthenticated');
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="holdfast"');
  },
);

it('asks for a token where there is none, and calls that no error', async () => {
  const answer = await get(undefined);
  expect(errorOf(answer)).toMatchObject({ status: '401', code: 'unauthenticated' });
  expect(answer.headers['www-authenticate']).toBe('Bearer realm="holdfast"');
});

it('refuses two Authorization headers, though each is good', async () => {
  const header = `Authorization: ${await bearer({})}\r\n`;
  const answer = await rawAsk(
    app,
    `GET ${LIST} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}${header}\r\n`,
  );
  expect(errorOf(answer).code).toBe('unauthenticated');
  expect(errorOf(answer).detail).toMatch('one token');
});

/** @returns a token that was taken after its end, within the tolerance for clocks */
async function takenLate(): Promise<string> {
  for (;;) {
    const exp = now() - 3;
    const authorization = await bearer({ exp });
    const { status } = await get(authorization);
    if (status === 200) return authorization;
    // Only if the machine stood still until the tolerance was over, too.
    expect(now()).toBeGreaterThanOrEqual(exp + TOLERANCE_S);
  }
}

it('forgets a token when it expires, however lately it has been used', async () => {
  const authorization = await takenLate();
  const isOver = async (): Promise<boolean> => (await get(authorization)).status === 401;
  const deadline = Date.now() + 10_000;
  while (!(await isOver())) expect(Date.now()).toBeLessThan(deadline);
});

it('does not write tokens to the log', async () => {
  const lines: string[] = [];
  for (const level of ['info', 'warn', 'error'] as const)
    jest
      .spyOn(app.logger, level)
      .mockImplementation((line: unknown) => void lines.push(JSON.stringify(line)));
  const tokens = [await issuer.token(BUYER), await forged(), 'garbage.garbage.garbage'];
  for (const token of tokens) await get(`Bearer ${token}`);
  const deadline = Date.now() + 5_000;
  while (lines.length < tokens.length && Date.now() < deadline) await setImmediate();
  jest.restoreAllMocks();
  expect(lines).toHaveLength(tokens.length);
  for (const token of tokens) expect(lines.join()).not.toContain(token.slice(0, 20));
});
