import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'holdfast';

/** A key that signs, and what others need to check it. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

let keys = 0;

/** @returns a key that nobody knows yet. */
export async function newKey(alg = 'ES256'): Promise<SigningKey> {
  return { kid: `key-${(keys += 1)}`, alg, ...(await generateKeyPair(alg, { extractable: true })) };
}

/** What a token says; `undefined` leaves a claim out that would be there. */
export type Claims = Readonly<Record<string, unknown>>;

/** @returns a token that is good for five minutes, unless the claims make it something else. */
export function sign({ kid, alg, privateKey }: SigningKey, claims: Claims): Promise<string> {
  const seconds = Math.floor(Date.now() / 1_000);
  const payload = { iss: ISSUER, aud: AUDIENCE, iat: seconds, exp: seconds + 300, ...claims } as JWTPayload;
  return new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(privateKey);
}

/** Issues tokens, and serves its keys over HTTP as real issuers do. */
export class Issuer {
  /** How often the keys were fetched. */
  fetches = 0;
  /** What is answered for the keys. */
  status = 200;
  private published: JWK[] = [];

  private constructor(
    private readonly server: Server,
    private key: SigningKey,
  ) {}

  static async start(): Promise<Issuer> {
    const server = createServer();
    const issuer = new Issuer(server, await newKey());
    await issuer.publish(issuer.key);
    server.on('request', (_request, response) => {
      issuer.fetches += 1;
      response.writeHead(issuer.status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify({ keys: issuer.published }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return issuer;
  }

  get jwksUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/jwks`;
  }

  /** The variables of a service that takes its tokens. */
  get env(): Record<string, string> {
    return { AUTH: 'jwt', JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_URL: this.jwksUrl };
  }

  get currentKey(): SigningKey {
    return this.key;
  }

  token(claims: Claims): Promise<string> {
    return sign(this.key, claims);
  }

  /** Signs with a new key from now on, and publishes no other. */
  async rotate(): Promise<void> {
    this.key = await newKey();
    await this.publish(this.key);
  }

  async stop(): Promise<void> {
    if (this.server.listening) await once(this.server.close(), 'close');
  }

  private async publish({ kid, alg, publicKey }: SigningKey): Promise<void> {
    this.published = [{ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }];
  }
}
