import { connect, type Socket } from 'node:net';
import { type Ids, placesOf } from './distinct-ids';
import { ResponseReader } from './response-reader';

/** What a buyer tells the load of, and asks it. */
export interface BuyersLoad {
  readonly ids: Ids;
  /** Another request is on its way. */
  sending(): void;
  /**
   * @param from when the request was sent, or due
   * @returns the time from which the next request counts, which is then sent; 0 for none
   */
  answered(buyer: Buyer, status: number, from: number): number;
  /** The connection is of no use any more, with or without a request on it. */
  failed(reason: string, waiting: boolean): void;
}

/** As many as fit into the queue of a server that listens as Node does by default. */
const CONNECTING_AT_ONCE = 256;

/** Connects them to the ports in turn. */
export async function connectAll(buyers: readonly Buyer[], ports: readonly number[]): Promise<void> {
  for (let from = 0; from < buyers.length; from += CONNECTING_AT_ONCE) {
    const some = buyers.slice(from, from + CONNECTING_AT_ONCE);
    await Promise.all(some.map((buyer, n) => buyer.connect(ports[(from + n) % ports.length] ?? 0)));
  }
}

/** One connection, with at most one request in flight. */
export class Buyer {
  private readonly reader = new ResponseReader();
  private readonly places: readonly number[];
  private socket: Socket | undefined;
  private from = 0;
  private waiting = false;
  /** It has ended, or failed. */
  isOver = false;

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

  end(): void {
    this.isOver = true;
    this.socket?.destroy();
  }

  /** @param from the time, by `performance.now()`, from which its latency counts */
  send(from: number): void {
    if (this.isOver) return;
    this.load.ids.next(this.request, this.places);
    this.load.sending();
    this.waiting = true;
    this.from = from;
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
    const next = this.load.answered(this, status, this.from);
    if (next > 0) this.send(next);
  }

  private fail(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.load.failed(reason, this.waiting);
  }
}
