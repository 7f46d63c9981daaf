import { connect, type Socket } from 'node:net';
import { type Ids, placesOf } from './distinct-ids';
import { ResponseReader } from './response-reader';

/** What a buyer tells the load of, and asks it. */
interface BuyersLoad {
  readonly ids: Ids;
  /** Another request is on its way. */
  sending(): void;
  /** Whether to go on after this answer. */
  answered(status: number, sentAt: number, now: number): boolean;
  /** The connection is of no use any more, with or without a request on it. */
  failed(reason: string, waiting: boolean): void;
}

/** One connection, with at most one request in flight. */
export class Buyer {
  private readonly reader = new ResponseReader();
  private readonly places: readonly number[];
  private socket: Socket | undefined;
  private sentAt = 0;
  private waiting = false;
  private over = false;

  constructor(
    private readonly load: BuyersLoad,
    private readonly request: Buffer,
  ) {
    this.places = placesOf(request);
    load.ids.prepare(request, this.places);
  }

  /** Resolves also when it fails: the failure is counted and the others go on. */
  connect(port: number): Promise<void> {
    return new Promise((resolve) => {
      const callback = (length: number, chunk: Uint8Array): boolean => {
        this.receive(chunk as Buffer, length);
        return true;
      };
      // One buffer for the life of the connection: a new one for each answer costs the generator 5 % more.
      const onread = { buffer: Buffer.allocUnsafe(16_384), callback };
      const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread });
      this.socket = socket;
      socket.once('connect', resolve);
      socket.on('error', (error: NodeJS.ErrnoException) => {
        this.fail(error.code ?? error.message);
      });
      socket.on('close', () => {
        this.fail('closed by the server');
        resolve();
      });
    });
  }

  start(): void {
    if (!this.over && this.load.ids.left > 0) this.send();
  }

  end(): void {
    this.over = true;
    this.socket?.destroy();
  }

  private send(): void {
    this.load.ids.next(this.request, this.places);
    this.load.sending();
    this.waiting = true;
    this.sentAt = performance.now();
    this.socket?.write(this.request);
  }

  private receive(chunk: Buffer, length: number): void {
    let status: number;
    try {
      if (!this.waiting) throw new Error('an answer that nobody asked for');
      status = this.reader.read(chunk, length);
    } catch (error) {
      this.fail(String(error));
      this.socket?.destroy();
      return;
    }
    if (status === 0) return;
    this.waiting = false;
    if (this.load.answered(status, this.sentAt, performance.now())) this.send();
  }

  private fail(reason: string): void {
    if (this.over) return;
    this.over = true;
    this.load.failed(reason, this.waiting);
  }
}
