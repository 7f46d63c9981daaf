import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadConfig } from '../src/config';
import { REFUSALS } from '../src/refusals';

/** There is no Docker where the tests run; what can be seen without it is that the files agree. */
const read = (path: string): string => readFileSync(join(__dirname, '..', path), 'utf8');
const dockerfile = read('Dockerfile');
const compose = read('docker-compose.yml');
const proxy = read('docker/haproxy.cfg');

/** What a pattern with one group finds, each once, sorted. */
function found(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))].sort();
}

describe('.env.example', () => {
  const lines = [...read('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]*)=(.*)$/gm)];
  const example = Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]));
  const composes = Object.fromEntries(
    [...compose.matchAll(/\$\{([A-Z0-9_]+):-([^}]*)\}/g)].map(([, name = '', value = '']) => [name, value]),
  );

  function variablesRead(): string[] {
    const names = new Set<string>();
    const recorder = new Proxy<Record<string, string | undefined>>(
      {},
      { get: (_none, name) => void names.add(String(name)) },
    );
    loadConfig(recorder);
    return [...names];
  }

  it('lists every variable that the service or docker compose reads, once, and no other', () => {
    const all = new Set([...variablesRead(), ...Object.keys(composes)]);
    expect(lines.map(([, name]) => name).sort()).toEqual([...all].sort());
  });

  it.each(lines.map(([, name = '', value = '']) => [name, value]))('has the default of %s', (name, value) => {
    expect(loadConfig({ [name]: value })).toEqual(loadConfig({}));
  });

  it('leaves out no default', () => {
    const withDefault = variablesRead().filter(
      (name) => !/^(NODE_ENV|DATABASE_URL|CORS_ORIGINS|METRICS_.+|JWT_.+)$/.test(name),
    );
    expect(withDefault.filter((name) => example[name] === '')).toEqual([]);
  });

  it('has the defaults of docker compose', () => {
    expect(example).toMatchObject(composes);
  });
});

describe('The image', () => {
  const settings = Object.fromEntries(
    [...dockerfile.matchAll(/\b(NODE_ENV|HOST|PORT|AUTH|DATABASE_URL)=(\S+)/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );

  it('listens to all on port 3000, in production, and leaves AUTH and the database to whoever runs it', () => {
    expect(settings).toEqual({ NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '3000' });
    expect(() => loadConfig(settings)).toThrow('AUTH must be set');
    expect(loadConfig({ ...settings, AUTH: 'off' })).toMatchObject({ host: '0.0.0.0', port: 3000 });
  });

  it('has the version of the package, and so has the API', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    const { info } = JSON.parse(read('openapi.json')) as { info: { version: string } };
    expect(found(dockerfile, /^ARG VERSION=(.+)$/gm)).toEqual([version]);
    expect(info.version).toBe(version);
  });

  it('runs node itself, on what `npm run start:prod` runs, not as root', () => {
    const manifest = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const [command = '[]'] = found(dockerfile, /^CMD (.+)$/gm);
    expect(`exec ${(JSON.parse(command) as string[]).join(' ')}`).toBe(manifest.scripts['start:prod']);
    expect(found(dockerfile, /^USER (.+)$/gm)).toEqual(['node']);
  });

  it('is built from files that .dockerignore lets through', () => {
    const allowed = found(read('.dockerignore'), /^!([^/\n]+)\/?$/gm);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    expect([...new Set(copied)].sort()).toEqual(allowed);
    for (const name of copied) expect(() => statSync(join(__dirname, '..', name))).not.toThrow();
  });

  describe('asked for its health', () => {
    let server: Server;
    let status = 200;
    const asked: string[] = [];

    beforeAll(async () => {
      server = createServer((request, answer) => {
        asked.push(request.url ?? '');
        answer.writeHead(status).end();
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
    });

    afterAll(async () => {
      await once(server.close(), 'close');
    });

    async function exitCodeOfHealthcheck(port: number): Promise<unknown> {
      const [text = '[]'] = found(dockerfile, /^ +CMD (\[.+\])$/gm);
      const [program = '', ...args] = JSON.parse(text) as string[];
      expect(program).toBe('node');
      const check = spawn(process.execPath, args, { env: { PORT: String(port) }, stdio: 'ignore' });
      return (await once(check, 'exit'))[0];
    }

    it.each([
      [200, 0],
      [404, 1],
      [503, 1],
    ])('makes of a %i the exit code %i', async (answered, exitCode) => {
      status = answered;
      expect(await exitCodeOfHealthcheck((server.address() as AddressInfo).port)).toBe(exitCode);
      expect(asked.at(-1)).toBe('/health/live');
    });

    it('is unhealthy when nothing listens', async () => {
      const closed = createServer().listen(0, '127.0.0.1');
      await once(closed, 'listening');
      const { port } = closed.address() as AddressInfo;
      await once(closed.close(), 'close');
      expect(await exitCodeOfHealthcheck(port)).toBe(1);
    });
  });
});

describe('docker compose', () => {
  it('leads from this machine alone through the proxy to the port of the image', () => {
    expect(found(dockerfile, /^EXPOSE (\d+)$/gm)).toEqual(['3000']);
    expect(found(compose, /- '(127.+:\d+)'/g)).toEqual(['127.0.0.1:${PORT:-3000}:3000']);
    expect(found(compose, /^( +)ports:/gm)).toHaveLength(1);
    expect(found(proxy, /^ +bind (\S+)$/gm)).toEqual([':3000']);
    expect(found(proxy, /^ +server-template \S+ \d+ (\S+)/gm)).toEqual(['api:3000']);
  });

  it('asks whether requests can be served, where the service answers that', () => {
    const controller = read('src/health/health.controller.ts');
    expect(controller).toContain("@Controller('health')");
    expect(controller).toContain("@Get('ready')");
    expect(controller).toContain("@Get('live')");
    expect(found(proxy, /^ +http-check send .*uri (\S+)/gm)).toEqual(['/health/ready']);
    expect(found(compose, /'http:\/\/127\.0\.0\.1:3000(\/[^']+)'/g)).toEqual(['/health/ready']);
  });

  it('waits for a container longer than the service takes to stop', () => {
    const seconds = found(compose, /^ {2}api:[^]*?stop_grace_period: (\d+)s/gm).map(Number);
    expect(seconds[0]).toBeGreaterThan(loadConfig({}).shutdownSeconds);
  });

  it('refuses at the proxy in the words of the service', () => {
    const bodies = found(proxy, /^ +http-error status .* string '([^']+)'/gm).map(
      (text) => JSON.parse(text) as { errors: { status: string; code: string; title: string }[] },
    );
    expect(bodies).toHaveLength(found(proxy, /^ +http-error status (\d+)/gm).length);
    const refusals: Record<string, { title: string }> = REFUSALS;
    for (const { title, code } of bodies.flatMap(({ errors }) => errors))
      expect(refusals[code]?.title).toBe(title);
  });

  it('repeats nothing but reading after it may have reached an instance', () => {
    expect(found(proxy, /^ +retry-on (.+)$/gm)).toEqual(['conn-failure empty-response']);
    expect(found(proxy, /^ +http-request disable-l7-retry (.+)$/gm)).toEqual(['unless { method GET HEAD }']);
  });
});
