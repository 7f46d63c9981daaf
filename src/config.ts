import { createPublicKey, type KeyObject } from 'node:crypto';
import type { TokenSettings } from './auth/verifier';
import { readTrustedProxies, type TrustedProxies } from './exposure/trust-proxy';

/** Every environment variable the service reads, checked once, before anything else happens. */

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Where the database is; absent means the embedded server. */
  readonly databaseUrl: string | undefined;
  /** Where the embedded server keeps its data. */
  readonly dataDir: string;
  /** Connections of one instance. */
  readonly databasePoolSize: number;
  readonly migrateOnStart: boolean;
  /** Events that are served side by side; each has at most one transaction in flight. */
  readonly allocationLanes: number;
  /** How long a reservation lasts, and how long at most when it is extended, from its creation on. */
  readonly holdSeconds: number;
  readonly holdMaxSeconds: number;
  /** How often what is over is given back without anybody asking for it; 0 for never. */
  readonly sweepIntervalSeconds: number;
  /** How long whoever charges or pays back has for it before somebody else looks after it. */
  readonly paymentLeaseSeconds: number;
  /** How often the books are counted again; 0 for never. */
  readonly auditIntervalSeconds: number;
  /** Where the metrics are told without tokens; nowhere if absent. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /** Whose tokens are taken; `off` lets everyone do everything. */
  readonly auth: 'off' | TokenSettings;
  readonly trustProxy: TrustedProxies;
  /** How many requests a caller may send within a minute; 0 for any number. */
  readonly rateLimitPerMinute: number;
  /** The origins whose pages may read the answers; `*` alone for all. */
  readonly corsOrigins: readonly string[];
  readonly bodyLimitBytes: number;
  readonly shutdownSeconds: number;
  readonly logLevel: LogLevel;
  readonly accessLog: boolean;
}

/** A week; whoever holds tickets for longer has bought them. */
const MAX_HOLD_SECONDS = 604_800;

/** A day: books that are wrong for longer are looked at by hand. */
const MAX_AUDIT_SECONDS = 86_400;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A variable that cannot be used. The message is one sentence that names the variable and what it takes. */
export class ConfigError extends Error {}

/** The exit code for a wrong configuration: EX_CONFIG of sysexits.h. */
export const EXIT_CONFIG = 78;

/**
 * Reads the configuration from environment variables; an empty variable counts as not set.
 *
 * @throws ConfigError for the first variable that is wrong.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const read = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);

  const allocationLanes = integer(read, 'ALLOCATION_LANES', 4, 1, 64);
  const databasePoolSize = integer(read, 'DATABASE_POOL_SIZE', 10, 2, 1_000);
  if (databasePoolSize < allocationLanes + 2) {
    throw new ConfigError(
      `DATABASE_POOL_SIZE must be at least ALLOCATION_LANES + 2 = ${allocationLanes + 2}: each lane holds a ` +
        `connection while it writes, and reads need some too; it is ${databasePoolSize}.`,
    );
  }
  const holdSeconds = integer(read, 'HOLD_SECONDS', 900, 1, MAX_HOLD_SECONDS);
  const holdMaxSeconds = integer(read, 'HOLD_MAX_SECONDS', Math.max(3_600, holdSeconds), 1, MAX_HOLD_SECONDS);
  if (holdMaxSeconds < holdSeconds) {
    throw new ConfigError(
      `HOLD_MAX_SECONDS must be at least HOLD_SECONDS = ${holdSeconds}: no reservation could last as long as it does; it is ${holdMaxSeconds}.`,
    );
  }
  return {
    host: read('HOST') ?? '127.0.0.1',
    port: integer(read, 'PORT', 3000, 0, 65_535),
    databaseUrl: databaseUrl(read('DATABASE_URL')),
    dataDir: read('DATA_DIR') ?? '.data',
    databasePoolSize,
    migrateOnStart: boolean(read, 'MIGRATE_ON_START', true),
    allocationLanes,
    holdSeconds,
    holdMaxSeconds,
    sweepIntervalSeconds: integer(read, 'SWEEP_INTERVAL_SECONDS', 1, 0, 3_600),
    paymentLeaseSeconds: integer(read, 'PAYMENT_LEASE_SECONDS', 60, 1, 3_600),
    auditIntervalSeconds: integer(read, 'AUDIT_INTERVAL_SECONDS', 3_600, 0, MAX_AUDIT_SECONDS),
    metrics: metrics(read),
    auth: auth(read),
    trustProxy: trustProxy(read('TRUST_PROXY')),
    rateLimitPerMinute: integer(read, 'RATE_LIMIT_PER_MINUTE', 0, 0, 10_000_000),
    corsOrigins: corsOrigins(read('CORS_ORIGINS')),
    bodyLimitBytes: integer(read, 'BODY_LIMIT_BYTES', 65_536, 1_024, 16_777_216),
    shutdownSeconds: integer(read, 'SHUTDOWN_SECONDS', 15, 1, 3_600),
    logLevel: choice(read, 'LOG_LEVEL', 'info', LOG_LEVELS),
    accessLog: boolean(read, 'ACCESS_LOG', false),
  };
}

type Read = (name: string) => string | undefined;

function integer(read: Read, name: string, fallback: number, minimum: number, maximum: number): number {
  const text = read(name);
  if (text === undefined) return fallback;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= minimum && value <= maximum) return value;
  throw new ConfigError(`${name} must be a whole number from ${minimum} to ${maximum}; it is "${text}".`);
}

function boolean(read: Read, name: string, fallback: boolean): boolean {
  return choice(read, name, String(fallback), ['true', 'false']) === 'true';
}

function choice<T extends string>(read: Read, name: string, fallback: T, choices: readonly T[]): T {
  const text = read(name) ?? fallback;
  const chosen = choices.find((value) => value === text);
  if (chosen !== undefined) return chosen;
  throw new ConfigError(`${name} must be one of ${choices.join(', ')}; it is "${text}".`);
}

function metrics(read: Read): Config['metrics'] {
  const [host, port] = [read('METRICS_HOST'), read('METRICS_PORT')];
  if (port !== undefined)
    return { host: host ?? read('HOST') ?? '127.0.0.1', port: integer(read, 'METRICS_PORT', 0, 0, 65_535) };
  if (host === undefined) return undefined;
  throw new ConfigError('METRICS_PORT must be set when METRICS_HOST is: there is no listener without it.');
}

/** Also tries what TypeORM and the driver will do with it, which would otherwise fail later and less clearly. */
function databaseUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [, scheme, credentials = '', address = ''] =
    /^(postgres(?:ql)?):\/\/(?:([^/?#]*)@)?(.+)$/.exec(text) ?? [];
  try {
    if (scheme === undefined) throw new Error('scheme');
    decodeURIComponent(credentials);
    // A host may be missing, or be the folder of a socket in the query.
    new URL(`http://${address.startsWith('/') ? 'localhost' : ''}${address}`);
  } catch {
    throw new ConfigError(
      'DATABASE_URL must look like postgres://user:password@host:5432/database, with other characters than letters and digits in user and password percent-encoded.',
    );
  }
  // TypeORM knows only the shorter of the two schemes that libpq takes.
  return text.replace(/^postgresql:/, 'postgres:');
}

function trustProxy(text = 'false'): TrustedProxies {
  const trusted = readTrustedProxies(text);
  if (trusted !== undefined) return trusted;
  throw new ConfigError(
    `TRUST_PROXY must be false, the number of proxies in a row, a list of their addresses or networks like 10.0.0.0/8,192.0.2.1, or true; it is "${text}".`,
  );
}

/** @throws ConfigError for what no browser would ever send as `Origin`, and so would never be allowed */
function corsOrigins(text: string | undefined): string[] {
  if (text === undefined) return [];
  if (text === '*') return ['*'];
  const origins = text.split(',').map((origin) => origin.trim());
  for (const origin of origins) {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url?.origin === origin && /^https?:$/.test(url.protocol)) continue;
    throw new ConfigError(
      `CORS_ORIGINS must be * or a list of origins with commas between, like https://shop.example,http://localhost:5173, without a path, a slash at the end or the usual port; "${origin}" is none.`,
    );
  }
  return origins;
}

/** Without authentication everyone may do everything, so in production that has to be said. */
function auth(read: Read): Config['auth'] {
  const settings = {
    JWT_ISSUER: read('JWT_ISSUER'),
    JWT_AUDIENCE: read('JWT_AUDIENCE'),
    JWT_JWKS_URL: read('JWT_JWKS_URL'),
    JWT_PUBLIC_KEY: read('JWT_PUBLIC_KEY'),
  };
  const nodeEnv = read('NODE_ENV');
  const text = read('AUTH');
  if (text === 'jwt') return tokenSettings(settings);
  if (text === undefined && nodeEnv === 'production') {
    throw new ConfigError(
      'AUTH must be set when NODE_ENV=production: jwt, or off for a trusted network, where everyone may do everything.',
    );
  }
  if (text !== undefined && text !== 'off')
    throw new ConfigError(`AUTH must be jwt or off; it is "${text}".`);
  const stray = Object.entries(settings).find(([, value]) => value !== undefined);
  // Whoever sets it believes that tokens are checked.
  if (text === undefined && stray !== undefined)
    throw new ConfigError(`AUTH must be set when ${stray[0]} is: jwt, or off to leave it without effect.`);
  return 'off';
}

function tokenSettings(given: Readonly<Record<string, string | undefined>>): TokenSettings {
  const required = (name: string): string => {
    const value = given[name];
    if (value !== undefined) return value;
    throw new ConfigError(`${name} must be set when AUTH=jwt: tokens that name another are refused.`);
  };
  const issuer = required('JWT_ISSUER');
  const audience = required('JWT_AUDIENCE');
  const { JWT_JWKS_URL: url, JWT_PUBLIC_KEY: key } = given;
  if (url !== undefined && key !== undefined)
    throw new ConfigError(
      'JWT_JWKS_URL and JWT_PUBLIC_KEY must not both be set: the keys come from one of them.',
    );
  if (url !== undefined) return { issuer, audience, keys: jwksUrl(url) };
  if (key !== undefined) return { issuer, audience, keys: publicKey(key) };
  throw new ConfigError(
    'JWT_JWKS_URL or JWT_PUBLIC_KEY must be set when AUTH=jwt: tokens are checked with it.',
  );
}

function jwksUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['https:', 'http:'].includes(url.protocol) && url.username + url.password === '')
    return url;
  throw new ConfigError(
    'JWT_JWKS_URL must look like https://issuer.example/.well-known/jwks.json, without user and password.',
  );
}

/** @param text with line ends, or `\\n` in their place, as some files of variables have no other way */
function publicKey(text: string): KeyObject {
  const pem = text.replaceAll('\\n', '\n').trim();
  try {
    if (!pem.startsWith('-----BEGIN PUBLIC KEY-----')) throw new Error('another kind of PEM');
    const key = createPublicKey(pem);
    if (isStrong(key)) return key;
  } catch {
    // Told below, without the value: it may be a private key by mistake.
  }
  throw new ConfigError(
    'JWT_PUBLIC_KEY must be a public key in PEM that begins with -----BEGIN PUBLIC KEY-----: RSA of 2048 bits or more, EC of P-256, P-384 or P-521, or Ed25519.',
  );
}

function isStrong({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'rsa') return modulusLength >= 2_048;
  if (asymmetricKeyType === 'ec') return ['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve);
  return asymmetricKeyType === 'ed25519';
}
