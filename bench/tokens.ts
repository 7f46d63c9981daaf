import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';

/** Made anew for each run; its public half is what the service checks with. */
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ISSUER = 'https://issuer.example';
const AUDIENCE = 'holdfast';

/** @returns the environment of a service that takes these tokens. */
export function tokenSettings(): Record<string, string> {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { AUTH: 'jwt', JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_PUBLIC_KEY: pem };
}

/** @returns the token of another service, which may buy for everyone: one for all requests of a load. */
export function serviceToken(): Promise<string> {
  return new SignJWT({ scope: 'tickets:act' })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('bench')
    .setExpirationTime('1h')
    .sign(privateKey);
}
