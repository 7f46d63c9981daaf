import { exportSPKI } from 'jose';
import { KeysUnavailableError, Verifier } from '../../src/auth/verifier';
import { loadConfig } from '../../src/config';
import { ask, errorOf } from '../http/wire';
import { startApp } from '../support/app';
import { AUDIENCE, Issuer, ISSUER, newKey, sign } from '../support/issuer';

const CLAIMS = { sub: 'somebody', scope: 'tickets:buy' };

let issuer: Issuer;
let failures: unknown[];
beforeEach(async () => {
  issuer = await Issuer.start();
  failures = [];
});
afterEach(() => issuer.stop());

/** @param pace how long after the last time the keys are fetched again */
function verifier(env: Record<string, string>, pace?: { cooldownMs: number; retryMs: number }): Verifier {
  const { auth } = loadConfig(env);
  if (auth === 'off') throw new Error('authentication is off');
  return new Verifier(auth, (error) => failures.push(error), pace);
}

const IMPATIENT = { cooldownMs: 0, retryMs: 0 };

describe('the keys of an issuer', () => {
  it('are fetched once for many tokens', async () => {
    const tokens = verifier(issuer.env);
    for (let count = 0; count < 5; count++) await tokens.verify(await issuer.token({ ...CLAIMS, count }));
    expect(issuer.fetches).toBe(1);
  });

  it('may be others from one token to the next', async () => {
    const tokens = verifier(issuer.env, IMPATIENT);
    const old = await issuer.token(CLAIMS);
    await tokens.verify(old);
    await issuer.rotate();
    expect(await tokens.verify(await issuer.token(CLAIMS))).toMatchObject({ subject: 'somebody' });
    await expect(tokens.verify(old)).rejects.toThrow();
  });

  it('are not fetched again and again for tokens that nobody has signed', async () => {
    const tokens = verifier(issuer.env);
    await tokens.verify(await issuer.token(CLAIMS));
    for (let count = 0; count < 5; count++)
      await expect(tokens.verify(await sign(await newKey(), CLAIMS))).rejects.toThrow();
    expect(issuer.fetches).toBe(1);
  });

  it('are waited for when they cannot be had, but not asked for by every request', async () => {
    const tokens = verifier(issuer.env, { cooldownMs: 0, retryMs: 60_000 });
    issuer.status = 500;
    for (let count = 0; count < 5; count++)
      await expect(tokens.verify(await issuer.token(CLAIMS))).rejects.toThrow(KeysUnavailableError);
    expect(issuer.fetches).toBe(1);
    expect(failures).toHaveLength(1);
  });

  it('serve again once they can be had', async () => {
    const tokens = verifier(issuer.env, IMPATIENT);
    issuer.status = 500;
    const token = await issuer.token(CLAIMS);
    await expect(tokens.verify(token)).rejects.toThrow(KeysUnavailableError);
    issuer.status = 200;
    expect(await tokens.verify(token)).toMatchObject({ subject: 'somebody' });
  });

  it('are not needed for a token that was seen before', async () => {
    const tokens = verifier(issuer.env);
    const token = await issuer.token(CLAIMS);
    expect(tokens.recall(token)).toBeUndefined();
    const principal = await tokens.verify(token);
    await issuer.stop();
    expect(tokens.recall(token)).toBe(principal);
  });
});

it('answers 503 with Retry-After while nobody answers for the keys', async () => {
  const app = await startApp({ env: issuer.env });
  await issuer.stop();
  const headers = { authorization: `Bearer ${await issuer.token(CLAIMS)}` };
  const answer = await ask(app, { method: 'GET', path: '/purchases', headers });
  expect(errorOf(answer)).toMatchObject({ status: '503', code: 'keys_unavailable' });
  expect(answer.headers['retry-after']).toBe('1');
  await app.stop();
});

describe.each(['RS256', 'PS384', 'ES256', 'ES512', 'EdDSA'])('one public key for %s', (alg) => {
  it('takes what was signed with its other half, and nothing else', async () => {
    const key = await newKey(alg);
    const pem = await exportSPKI(key.publicKey);
    const env = { AUTH: 'jwt', JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };
    for (const JWT_PUBLIC_KEY of [pem, pem.trim().replaceAll('\n', '\\n')]) {
      const tokens = verifier({ ...env, JWT_PUBLIC_KEY });
      expect(await tokens.verify(await sign(key, CLAIMS))).toMatchObject({ subject: 'somebody' });
      await expect(tokens.verify(await sign(await newKey(alg), CLAIMS))).rejects.toThrow();
      await expect(tokens.verify(await issuer.token({ ...CLAIMS, alg }))).rejects.toThrow();
    }
  });
});
