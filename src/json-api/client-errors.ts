import { STATUS_CODES } from 'node:http';
import { type Socket } from 'node:net';
import { SECURITY_HEADER_LINES } from '../exposure/headers';
import { type Refusal, type RefusalCode, refusal } from '../refusals';
import { errorDocument } from './errors';
import { MEDIA_TYPE } from './media-types';

const BY_CODE: Readonly<Record<string, RefusalCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'header_too_large',
};

/** A socket with the response that Node is about to write on it. */
interface ServedSocket extends Socket {
  readonly _httpMessage?: {
    readonly headersSent: boolean;
    readonly req: { readonly complete: boolean };
  } | null;
}

/**
 * Answers what never became a request, so that no hook saw it: Node gives up on the socket, and this is the last
 * that is written to it (https://nodejs.org/api/http.html#event-clienterror).
 *
 * @returns what was answered; undefined when nothing could be
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  requestId: string,
): Refusal | undefined {
  let refused: Refusal | undefined;
  if (error.code !== 'ECONNRESET' && socket.writable && isAboutTheNextAnswer(socket)) {
    refused = refusal(BY_CODE[error.code ?? ''] ?? 'malformed_request');
    const body = errorDocument(refused);
    socket.write(
      `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status] ?? ''}\r\n` +
        `Content-Type: ${MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
        `${SECURITY_HEADER_LINES}Vary: Accept\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
  return refused;
}

/**
 * A complete request that is still worked on comes first on the socket: to its sender, a 400 written now would
 * look like its answer, although it may well succeed.
 */
function isAboutTheNextAnswer({ _httpMessage: answer }: ServedSocket): boolean {
  return answer === undefined || answer === null || (!answer.headersSent && !answer.req.complete);
}
