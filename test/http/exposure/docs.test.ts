import { REFUSAL_CODES, REFUSALS } from '../../../src/refusals';
import { startApp, type TestApp } from '../../support/app';
import { J, send } from '../wire';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const get = (path: string, accept = '*/*') => send(app, { method: 'GET', path, headers: { accept } });

interface Operation {
  requestBody?: { content: object };
  responses: Record<string, { headers?: object; content?: object }>;
}
interface Description {
  info: { description: string };
  paths: Record<string, Record<string, Operation>>;
}

async function description(): Promise<Description> {
  return JSON.parse((await get('/openapi.json')).text) as Description;
}

/** The operations of JSON:API. */
async function operations(): Promise<[string, Operation][]> {
  return Object.entries((await description()).paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod)
      .filter(([, { responses }]) => J in (responses['406']?.content ?? {}))
      .map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
}

describe('/docs', () => {
  it('loads nothing that its policy forbids', async () => {
    const { status, headers, text } = await get('/docs');
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    const scripts = [...text.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)];
    expect(scripts.length).toBeGreaterThan(1);
    for (const [, attributes = '', inline = ''] of scripts) {
      expect(attributes).toContain('src=');
      expect(inline.trim()).toBe('');
    }
    expect(text).not.toMatch(/\son\w+=|javascript:/);
    for (const [, address = ''] of text.matchAll(/\s(?:src|href)=["']([^"'#]+)["']/g)) {
      expect(address).toMatch(/^\.\//);
      expect((await get(`/docs/${address.replace('./docs/', '')}`)).status).toBe(200);
    }
  });

  it('sends bodies as JSON:API unless another type is chosen', async () => {
    const bodies = (await operations()).flatMap(([, { requestBody }]) => (requestBody ? [requestBody] : []));
    expect(bodies.length).toBeGreaterThan(5);
    for (const { content } of bodies) expect(Object.keys(content)[0]).toBe(J);
  });

  it('asks for types that the service has', async () => {
    const types = new Set<string>();
    for (const [, { responses }] of await operations())
      for (const { content } of Object.values(responses))
        Object.keys(content ?? {}).forEach((t) => types.add(t));
    expect(types).toContain(J);
    for (const type of types) expect((await get('/events', type)).status).toBe(200);
  });

  it('says of every operation that it may be refused for a while', async () => {
    const all = await operations();
    expect(all.length).toBeGreaterThan(20);
    for (const [name, { responses }] of all)
      expect([name, Object.keys(responses['429']?.headers ?? {})]).toEqual([
        name,
        expect.arrayContaining(['Retry-After']),
      ]);
  });
});

describe('/docs/errors', () => {
  it('has every code at its anchor, with its status and title', async () => {
    const { status, headers, text } = await get('/docs/errors');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    for (const code of REFUSAL_CODES) {
      const [row = ''] = new RegExp(`<tr id="${code}">.*</tr>`).exec(text) ?? [];
      expect(row).toContain(`<td>${REFUSALS[code].status}`);
      expect(row).toContain(`<td>${REFUSALS[code].title}</td>`);
    }
    expect(text.match(/<tr id=/g)).toHaveLength(REFUSAL_CODES.length);
  });

  it('needs no other file, and no script', async () => {
    const { text } = await get('/docs/errors');
    expect(text).not.toMatch(/<script|<link|\ssrc=|\sstyle=|@import|url\(/);
  });

  it('is linked from the description', async () => {
    expect((await description()).info.description).toContain('(/docs/errors)');
  });
});
