const HEAD_LIMIT = 65_536;
const CONTENT_LENGTH = /\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n/i;

/**
 * Reads the answers of one connection, one request in flight at a time, wherever the network cuts them.
 *
 * Just as much HTTP/1.1 as a server under load speaks here: a status line and a body of known length.
 * Anything else (chunked bodies, bytes that nobody asked for) is an error and not a guess.
 */
export class ResponseReader {
  private head = '';
  private status = 0;
  private bodyLeft = -1;

  /** The status as soon as the answer is complete, 0 while there is more to come. */
  read(chunk: Buffer, length: number): number {
    if (this.bodyLeft < 0) {
      const seen = this.head.length;
      this.head += chunk.toString('latin1', 0, length);
      const end = this.head.indexOf('\r\n\r\n', Math.max(0, seen - 3));
      if (end < 0) {
        if (this.head.length > HEAD_LIMIT) throw new Error('the head of an answer never ended');
        return 0;
      }
      this.readHead(this.head.slice(0, end + 2));
      this.bodyLeft -= this.head.length - end - 4;
    } else {
      this.bodyLeft -= length;
    }
    if (this.bodyLeft < 0) throw new Error('more bytes arrived than the answer has');
    if (this.bodyLeft > 0) return 0;
    this.head = '';
    this.bodyLeft = -1;
    return this.status;
  }

  private readHead(head: string): void {
    this.status = head.startsWith('HTTP/1.1 ') ? Number(head.slice(9, 12)) : NaN;
    if (!(this.status >= 200 && this.status <= 599)) {
      throw new Error(`not an HTTP/1.1 answer: ${JSON.stringify(head.slice(0, 40))}`);
    }
    const length = CONTENT_LENGTH.exec(head)?.[1];
    if (length === undefined && this.status !== 204) throw new Error('an answer without content-length');
    this.bodyLeft = Number(length ?? 0);
  }
}
