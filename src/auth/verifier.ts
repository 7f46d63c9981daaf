import { type KeyObject } from 'node:crypto';
import {
  createRemoteJWKSet,
  type CryptoKey,
  errors,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { type Principal } from './principal';

/** Whose tokens are taken. */
export interface TokenSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Where the keys are, or the one key. */
  readonly keys: URL | KeyObject;
}

/** Told when the keys cannot be had. */
type OnUnavailable = (error: unknown) => void;

/** The keys cannot be had at the moment, so nobody knows whether the token is good. */
export class KeysUnavailableError extends Error {}

/** Longer tokens are not looked at. */
export const MAX_TOKEN_LENGTH = 8_192;

/** Only signatures that nobody can make with what checks them. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA'],
];
const CLOCK_TOLERANCE_SECONDS = 5;
/** A key that is taken back counts for this much longer, with tokens that were seen before. */
const REMEMBERED_MS = 300_000;
/** In characters of tokens: some twenty thousand of the usual size. */
const REMEMBERED_LENGTH = 16_777_216;

/** How often the keys are fetched. */
interface Pace {
  /** For a key that is not known, after the last time. */
  readonly cooldownMs: number;
  /** After it has failed. */
  readonly retryMs: number;
}
const PACE: Pace = { cooldownMs: 30_000, retryMs: 1_000 };

type FindKey = (header: JWTHeaderParameters) => Promise<CryptoKey | KeyObject>;

interface Remembered {
  readonly principal: Principal;
  readonly untilMs: number;
}

/**
 * Tells whom a token speaks for. A check of a signature takes some hundred microseconds in another thread; so what
 * was found good is remembered, which makes it a look into a map. What was not is not: it would push the others out.
 */
export class Verifier {
  private readonly remembered = new LRUCache<string, Remembered>({
    maxSize: REMEMBERED_LENGTH,
    sizeCalculation: (_, token) => token.length,
  });
  private readonly findKey: FindKey;

  constructor(
    private readonly settings: TokenSettings,
    onUnavailable: OnUnavailable,
    pace = PACE,
  ) {
    const { keys } = settings;
    this.findKey = keys instanceof URL ? remoteKeys(keys, onUnavailable, pace) : () => Promise.resolve(keys);
  }

  /** @returns whom the token speaks for, if it has been found good lately. */
  recall(token: string): Principal | undefined {
    const known = this.remembered.get(token);
    return known !== undefined && Date.now() < known.untilMs ? known.principal : undefined;
  }

  /**
   * @returns whom the token speaks for
   * @throws KeysUnavailableError; and for a token that is not good something else, which depends on why
   */
  async verify(token: string): Promise<Principal> {
    const { issuer, audience } = this.settings;
    const { payload } = await jwtVerify(token, this.findKey, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp', 'sub'],
    });
    const principal = { subject: subjectOf(payload), scopes: scopesIn(payload) };
    const untilMs = Math.min((payload.exp ?? 0) * 1_000, Date.now() + REMEMBERED_MS);
    this.remembered.set(token, { principal, untilMs });
    return principal;
  }
}

/** Fetches keys when they are needed, keeps them for ten minutes, and looks for those it has not heard of. */
function remoteKeys(url: URL, onUnavailable: OnUnavailable, { cooldownMs, retryMs }: Pace): FindKey {
  const keys = createRemoteJWKSet(url, { cooldownDuration: cooldownMs, timeoutDuration: 5_000 });
  let retryAtMs = 0;
  return async (header) => {
    if (!keys.fresh && Date.now() < retryAtMs) throw new KeysUnavailableError();
    try {
      return await keys(header);
    } catch (error) {
      if (isAboutToken(error)) throw error;
      if (Date.now() >= retryAtMs) onUnavailable(error);
      retryAtMs = Date.now() + retryMs;
      throw new KeysUnavailableError();
    }
  };
}

/** Whether the keys are there, but none of them is the one. */
function isAboutToken(error: unknown): boolean {
  return [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some(
    (kind) => error instanceof kind,
  );
}

function subjectOf({ sub = '' }: JWTPayload): string {
  if (sub === '') throw new errors.JWTInvalid('"sub" is empty');
  return sub;
}

/** As `scope` has them (RFC 8693, 4.2), or `scp`, as some issuers do. */
function scopesIn({ scope, scp }: JWTPayload): ReadonlySet<string> {
  const listed = Array.isArray(scp) ? scp.filter((each) => typeof each === 'string') : [];
  return new Set([...(typeof scope === 'string' ? scope.split(' ') : []), ...listed]);
}
