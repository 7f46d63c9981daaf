import { generateKeyPairSync } from 'node:crypto';
import { ConfigError, loadConfig } from '../src/config';

/** The variables of AUTH=jwt. */
const JWT: Record<string, string> = {
  JWT_ISSUER: 'https://issuer.example',
  JWT_AUDIENCE: 'holdfast',
  JWT_JWKS_URL: 'https://issuer.example/jwks',
};
const without = (name: string): Record<string, string> => ({ ...JWT, [name]: '' });

/** A public RSA key of so many bits. */
function pem(modulusLength: number): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

describe('loadConfig', () => {
  test('needs nothing', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      databaseUrl: undefined,
      dataDir: '.data',
      databasePoolSize: 10,
      migrateOnStart: true,
      allocationLanes: 4,
      holdSeconds: 900,
      holdMaxSeconds: 3_600,
      sweepIntervalSeconds: 1,
      paymentLeaseSeconds: 60,
      auditIntervalSeconds: 3_600,
      metrics: undefined,
      auth: 'off',
      trustProxy: false,
      rateLimitPerMinute: 0,
      corsOrigins: [],
      bodyLimitBytes: 65_536,
      shutdownSeconds: 15,
      logLevel: 'info',
      accessLog: false,
    });
  });

  test('takes an empty variable for one that is not set', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: '', AUTH: '' })).toEqual(loadConfig({}));
  });

  test('reads every variable', () => {
    const env = {
      HOST: '0.0.0.0',
      PORT: '8080',
      DATABASE_URL: 'postgresql://u:p@h:5432/d',
      DATA_DIR: '/data',
      DATABASE_POOL_SIZE: '20',
      MIGRATE_ON_START: 'false',
      ALLOCATION_LANES: '8',
      HOLD_SECONDS: '60',
      HOLD_MAX_SECONDS: '120',
      SWEEP_INTERVAL_SECONDS: '0',
      PAYMENT_LEASE_SECONDS: '5',
      AUDIT_INTERVAL_SECONDS: '600',
      METRICS_PORT: '9464',
      METRICS_HOST: '10.0.0.1',
      AUTH: 'off',
      NODE_ENV: 'production',
      TRUST_PROXY: 'true',
      RATE_LIMIT_PER_MINUTE: '600',
      CORS_ORIGINS: 'https://shop.example, http://localhost:5173',
      BODY_LIMIT_BYTES: '2048',
      SHUTDOWN_SECONDS: '30',
      LOG_LEVEL: 'debug',
      ACCESS_LOG: 'true',
    };
    expect(loadConfig(env)).toEqual({
      host: '0.0.0.0',
      port: 8080,
      databaseUrl: 'postgres://u:p@h:5432/d',
      dataDir: '/data',
      databasePoolSize: 20,
      migrateOnStart: false,
      allocationLanes: 8,
      holdSeconds: 60,
      holdMaxSeconds: 120,
      sweepIntervalSeconds: 0,
      paymentLeaseSeconds: 5,
      auditIntervalSeconds: 600,
      metrics: { host: '10.0.0.1', port: 9464 },
      auth: 'off',
      trustProxy: true,
      rateLimitPerMinute: 600,
      corsOrigins: ['https://shop.example', 'http://localhost:5173'],
      bodyLimitBytes: 2048,
      shutdownSeconds: 30,
      logLevel: 'debug',
      accessLog: true,
    });
  });

  test('tells the metrics where it listens, unless METRICS_HOST says otherwise', () => {
    const env = { METRICS_PORT: '9464' };
    expect(loadConfig(env).metrics).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(loadConfig({ ...env, HOST: '0.0.0.0' }).metrics).toEqual({ host: '0.0.0.0', port: 9464 });
    expect(() => loadConfig({ METRICS_HOST: '10.0.0.1' })).toThrow(
      'METRICS_PORT must be set when METRICS_HOST is',
    );
  });

  test('reads whose tokens are taken', () => {
    const whose = { issuer: 'https://issuer.example', audience: 'holdfast' };
    const keys = new URL('https://issuer.example/jwks');
    expect(loadConfig({ AUTH: 'jwt', ...JWT }).auth).toEqual({ ...whose, keys });
    const env = { AUTH: 'jwt', ...without('JWT_JWKS_URL'), JWT_PUBLIC_KEY: pem(2_048) };
    expect(loadConfig(env).auth).toMatchObject(whose);
  });

  test('does not tell a private key that was given for the public one', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const env = { AUTH: 'jwt', ...without('JWT_JWKS_URL'), JWT_PUBLIC_KEY: secret };
    expect(() => loadConfig(env)).toThrow(/^(?!.*PRIVATE).*$/);
    expect(() => loadConfig(env)).toThrow('JWT_PUBLIC_KEY');
  });

  test('leaves what tokens are checked with without effect where authentication is said to be off', () => {
    expect(loadConfig({ AUTH: 'off', ...JWT }).auth).toBe('off');
  });

  test('takes * for the pages of all', () => {
    expect(loadConfig({ CORS_ORIGINS: '*' }).corsOrigins).toEqual(['*']);
  });

  test('tells which origin is none', () => {
    const env = { CORS_ORIGINS: 'https://shop.example,https://shop.example/cart' };
    expect(() => loadConfig(env)).toThrow('"https://shop.example/cart" is none');
  });

  test('lets a reservation last as long as it does, also where that is longer than the usual most', () => {
    expect(loadConfig({ HOLD_SECONDS: '7200' }).holdMaxSeconds).toBe(7_200);
  });

  test.each([
    'postgres://h/d',
    'postgres://u@h/d',
    'postgres://u:p@127.0.0.1:5432/d',
    'postgres://u:p@[::1]:5432/d?sslmode=disable',
    'postgres://u:a%40b%3Ac%2Fd@h/d',
    'postgres://u:p@/d?host=%2Ftmp%2Fsocket&port=5432',
  ])('takes the database at %s', (url) => {
    expect(loadConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
  });

  test.each([
    ['PORT', { PORT: '80a' }],
    ['PORT', { PORT: '-1' }],
    ['PORT', { PORT: '65536' }],
    ['PORT', { PORT: '1e3' }],
    ['DATABASE_POOL_SIZE', { DATABASE_POOL_SIZE: '5' }],
    ['DATABASE_POOL_SIZE', { ALLOCATION_LANES: '20' }],
    ['ALLOCATION_LANES', { ALLOCATION_LANES: '0' }],
    ['HOLD_SECONDS', { HOLD_SECONDS: '0' }],
    ['HOLD_SECONDS', { HOLD_SECONDS: '604801' }],
    ['HOLD_MAX_SECONDS', { HOLD_MAX_SECONDS: '899' }],
    ['HOLD_MAX_SECONDS', { HOLD_SECONDS: '60', HOLD_MAX_SECONDS: '59' }],
    ['SWEEP_INTERVAL_SECONDS', { SWEEP_INTERVAL_SECONDS: '0.5' }],
    ['PAYMENT_LEASE_SECONDS', { PAYMENT_LEASE_SECONDS: '0' }],
    ['PAYMENT_LEASE_SECONDS', { PAYMENT_LEASE_SECONDS: '3601' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://localhost/x' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://:::' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://u:p@h:99999/d' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://u:a%b@h/d' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://u:p@h:1,i:2/d' }],
    ['MIGRATE_ON_START', { MIGRATE_ON_START: 'yes' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'yes' }],
    ['TRUST_PROXY', { TRUST_PROXY: '0' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/33' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'proxy.example' }],
    ['TRUST_PROXY', { TRUST_PROXY: '192.0.2.1,' }],
    ['RATE_LIMIT_PER_MINUTE', { RATE_LIMIT_PER_MINUTE: '-1' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'shop.example' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://shop.example/' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://shop.example:443' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://shop.example/cart' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://*.example/' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://shop.example,' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: '*,https://shop.example' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'file:///shop' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'null' }],
    ['BODY_LIMIT_BYTES', { BODY_LIMIT_BYTES: '12' }],
    ['SHUTDOWN_SECONDS', { SHUTDOWN_SECONDS: '0' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['ACCESS_LOG', { ACCESS_LOG: 'TRUE' }],
    ['AUTH', { AUTH: 'basic' }],
    ['AUTH', { NODE_ENV: 'production' }],
    ['AUTH', { JWT_ISSUER: 'i' }],
    ['JWT_ISSUER', { AUTH: 'jwt', ...without('JWT_ISSUER') }],
    ['JWT_AUDIENCE', { AUTH: 'jwt', ...without('JWT_AUDIENCE') }],
    ['JWT_JWKS_URL or JWT_PUBLIC_KEY', { AUTH: 'jwt', ...without('JWT_JWKS_URL') }],
    ['JWT_JWKS_URL and JWT_PUBLIC_KEY', { AUTH: 'jwt', ...JWT, JWT_PUBLIC_KEY: 'x' }],
    ['JWT_JWKS_URL', { AUTH: 'jwt', ...JWT, JWT_JWKS_URL: 'issuer.example/jwks' }],
    ['JWT_JWKS_URL', { AUTH: 'jwt', ...JWT, JWT_JWKS_URL: 'file:///jwks' }],
    ['JWT_JWKS_URL', { AUTH: 'jwt', ...JWT, JWT_JWKS_URL: 'https://u:p@issuer.example/jwks' }],
    ['JWT_PUBLIC_KEY', { AUTH: 'jwt', ...without('JWT_JWKS_URL'), JWT_PUBLIC_KEY: 'x' }],
    ['JWT_PUBLIC_KEY', { AUTH: 'jwt', ...without('JWT_JWKS_URL'), JWT_PUBLIC_KEY: pem(1_024) }],
  ])('names %s when it is wrong: %j', (name, env: Record<string, string>) => {
    expect(() => loadConfig(env)).toThrow(ConfigError);
    expect(() => loadConfig(env)).toThrow(name);
  });
});
