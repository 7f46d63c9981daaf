/** One message of a client, as PostgreSQL's protocol frames it (PostgreSQL 18, chapter 54). */
interface Message {
  /** Its kind, a letter; empty for the first one of a connection, which has none. */
  readonly kind: string;
  readonly bytes: Buffer;
}

const LETTER = 1;
const LENGTH = 4;

/** Takes what arrives in pieces of any size, and gives whole messages. */
export class Messages {
  private rest: Buffer = Buffer.alloc(0);
  private isFirst = true;

  /** @returns the messages that are complete by now */
  push(piece: Buffer): Message[] {
    this.rest = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    const found: Message[] = [];
    for (;;) {
      const before = this.isFirst ? 0 : LETTER;
      if (this.rest.length < before + LENGTH) return found;
      const end = before + this.rest.readInt32BE(before);
      if (this.rest.length < end) return found;
      const bytes = this.rest.subarray(0, end);
      found.push({ kind: this.isFirst ? '' : String.fromCharCode(bytes[0] ?? 0), bytes });
      this.isFirst = false;
      this.rest = this.rest.subarray(end);
    }
  }
}

/** How the names begin of statements that are transactions of their own: with these it is decided, without a COMMIT. */
const DECISIVE = ['take_all', 'take_together'];

/**
 * Whether it is with this message that work becomes durable: COMMIT as a plain query (`Q`), or the execution of a statement that
 * is its own transaction, which the binding (`B`) of its parameters names.
 */
export function isDecisive({ kind, bytes }: Message): boolean {
  const body = bytes.subarray(LETTER + LENGTH);
  if (kind === 'Q') return textAt(body, 0).trim().toUpperCase() === 'COMMIT';
  // First the portal's name, then the statement's.
  const name = kind === 'B' ? textAt(body, textAt(body, 0).length + 1) : '';
  return DECISIVE.some((each) => name.startsWith(each));
}

function textAt(body: Buffer, at: number): string {
  const end = body.indexOf(0, at);
  return body.toString('latin1', at, end === -1 ? body.length : end);
}
