import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { type TestApp } from '../support/app';
import { checkContract } from '../support/contract';
import {
  type Asked,
  checkedDocument,
  type ErrorObject,
  type JsonApiDocument,
  parse,
  type Received,
  type ResourceObject,
} from '../support/json-api-document';

export const J = 'application/vnd.api+json';

/** A request as it goes over the wire: nothing is added but Host, the length of the body, and J as both types. */
export interface Wire {
  readonly method: string;
  readonly path: string;
  /** `undefined` leaves a header out that would be there by default. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: string | Buffer;
}

export interface Answer extends Received {
  readonly document: JsonApiDocument;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
afterAll(() => {
  agent.destroy();
});

/** Sends a request with node:http, which leaves headers and bodies as they are. */
export function send({ port }: Pick<TestApp, 'port'>, wire: Wire): Promise<Received> {
  const { method, path, body } = wire;
  const headers: OutgoingHttpHeaders = {};
  const wanted: Wire['headers'] = {
    accept: J,
    ...(body !== undefined && { 'content-type': J }),
    ...wire.headers,
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : [...value];
  }
  if (body !== undefined && !('transfer-encoding' in headers) && !('content-length' in headers))
    headers['content-length'] = Buffer.byteLength(body);
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends a request, checks the answer by all rules for documents, and gives it back. */
export async function ask(app: Pick<TestApp, 'port'>, wire: Wire): Promise<Answer> {
  const received = await send(app, wire);
  return { ...received, document: checkedDocument(received, wire) };
}

/** The body of a POST. */
export function json(value: unknown): string {
  return JSON.stringify(value);
}

/** @returns the primary data. @throws when the answer has none, or a list. */
export function dataOf({ document, text }: Answer): ResourceObject {
  if (document.data === undefined || Array.isArray(document.data)) throw new Error(`no data in ${text}`);
  return document.data;
}

/** @returns the items of a list. @throws when the answer has none. */
export function itemsOf({ document, text }: Answer): ResourceObject[] {
  if (!Array.isArray(document.data)) throw new Error(`no list in ${text}`);
  return document.data;
}

/** @returns the ids that a relationship of a resource names, none if it is not there. */
export function idsIn(resource: ResourceObject, relationship: string): string[] {
  const data = resource.relationships?.[relationship]?.data ?? [];
  return (Array.isArray(data) ? data : [data]).map(({ id }) => id);
}

/** @returns the id that a to-one relationship names; empty if there is none. */
export function idIn(resource: ResourceObject, relationship: string): string {
  return idsIn(resource, relationship)[0] ?? '';
}

/** @returns the errors. @throws when the answer has none. */
export function errorsOf({ document, text }: Answer): ErrorObject[] {
  if (document.errors === undefined) throw new Error(`no errors in ${text}`);
  return document.errors;
}

/** @returns the first error, which has the highest precedence. */
export function errorOf(answer: Answer): ErrorObject {
  const [first] = errorsOf(answer);
  if (first === undefined) throw new Error(`no error in ${answer.text}`);
  return first;
}

/**
 * Writes bytes to a socket of its own and reads until the service closes it, so the last request must ask for that
 * (`Connection: close`) or deserve it.
 *
 * @param then called with what has arrived so far; what it returns is written next, once
 */
export async function rawExchange(
  { port }: Pick<TestApp, 'port'>,
  bytes: string | Buffer,
  then?: (soFar: string) => string | undefined,
): Promise<Received[]> {
  const received = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let next = then;
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const more = next?.(Buffer.concat(chunks).toString('latin1'));
      if (more === undefined) return;
      next = undefined;
      socket.write(Buffer.from(more, 'latin1'));
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error('the service did not close the connection')));
    // A reset after the answer is the service not reading the rest; without an answer it is a failure.
    socket.on('error', (error) => {
      if (chunks.length === 0) reject(error);
    });
    socket.on('close', () => {
      resolve(Buffer.concat(chunks));
    });
  });
  return parseAnswers(received);
}

/** @returns the final answers in a stream of bytes; interim ones (100 Continue) are passed over. */
function parseAnswers(bytes: Buffer): Received[] {
  const answers: Received[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) throw new Error(`an answer breaks off: ${rest.toString('latin1')}`);
    const [statusLine = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    const headers: IncomingHttpHeaders = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const start = end + 4;
    const length = Number(headers['content-length'] ?? 0);
    const body = rest.subarray(start, start + length);
    if (body.length !== length) throw new Error(`a body breaks off: ${body.toString('latin1')}`);
    if (status >= 200) answers.push({ status, headers, text: body.toString('utf8') });
    rest = rest.subarray(start + length);
  }
  return answers;
}

/** Like {@link rawExchange} for a single request; checks its one answer. */
export async function rawAsk(
  app: Pick<TestApp, 'port'>,
  bytes: string | Buffer,
  then?: (soFar: string) => string | undefined,
): Promise<Answer> {
  const answers = await rawExchange(app, bytes, then);
  const [received] = answers;
  if (received === undefined || answers.length !== 1) throw new Error(`${answers.length} answers came`);
  const asked = askedOf(bytes);
  checkContract(received, asked);
  return { ...received, document: checkedDocument(received, asked) };
}

/** Reads back what {@link rawAsk} was given, for the checks that compare. */
function askedOf(bytes: string | Buffer): Asked {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  const [method = '', path = ''] = text.split(' ', 2);
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  return { method, path, body: parse(body) === undefined ? undefined : body };
}
