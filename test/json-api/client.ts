import { type NestFastifyApplication } from '@nestjs/platform-fastify';

export const J = 'application/vnd.api+json';
export const JSON_API = { version: '1.1' };

export interface Sent {
  method: 'GET' | 'POST' | 'HEAD' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  url: string;
  headers?: Record<string, string>;
  payload?: unknown;
}
interface ErrorDocument {
  errors: { status: string; code: string; source?: object }[];
}

/** Sends a request; a payload that is no string goes as JSON, as JSON:API unless a header says otherwise. */
export async function sendTo(app: NestFastifyApplication, { method, url, headers = {}, payload }: Sent) {
  if (payload === undefined) return app.inject({ method, url, headers });
  const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  return app.inject({ method, url, headers: { 'content-type': J, ...headers }, payload: body });
}

export type Answer = Awaited<ReturnType<typeof sendTo>>;

/** Checks what holds for every answer with an error document, and lists its errors as "status code place". */
export function refusals(answer: Answer): string[] {
  expectDocumentHeaders(answer);
  const { errors, ...rest } = answer.json<ErrorDocument>();
  expect(rest).toEqual({ jsonapi: JSON_API });
  expect(errors[0]?.status).toBe(String(answer.statusCode));
  return errors.map(({ status, code, source }) =>
    [status, code, ...Object.entries(source ?? {}).map(([kind, value]) => `${kind}=${String(value)}`)].join(
      ' ',
    ),
  );
}

export function expectDocumentHeaders({ headers }: Answer): void {
  expect(headers['content-type']).toBe(J); // A1 A2
  expect(headers.vary).toBe('Accept'); // A13
  expect(headers['x-request-id']).toMatch(/^\S+$/);
}
