import { type TestApp } from '../support/app';
import { type Received } from '../support/json-api-document';
import { send } from '../http/wire';

/** What a plain-JSON contract answered. */
export interface PlainAnswer extends Received {
  /** Undefined for an empty body. */
  readonly body: unknown;
}

const JSON_TYPE = 'application/json';

/** Sends a request in plain JSON, and checks what holds for every answer. */
export async function askPlain(
  app: Pick<TestApp, 'port'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string | undefined>> = {},
): Promise<PlainAnswer> {
  const received = await send(app, {
    method,
    path,
    headers: { accept: JSON_TYPE, ...(body !== undefined && { 'content-type': JSON_TYPE }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const { text, headers: sent, status } = received;
  expect(sent['x-request-id']).toEqual(expect.any(String));
  if (text === '') return { ...received, body: undefined };
  expect(sent['content-type']).toBe('application/json; charset=utf-8');
  const parsed: unknown = JSON.parse(text);
  if (status >= 400)
    expect(parsed).toEqual({
      error: { code: expect.any(String) as unknown, message: expect.any(String) as unknown },
    });
  return { ...received, body: parsed };
}

/** @returns the code of a refusal. */
export function codeIn({ body, text }: PlainAnswer): string {
  const { error } = body as { error?: { code: string } };
  if (error === undefined) throw new Error(`no error in ${text}`);
  return error.code;
}
