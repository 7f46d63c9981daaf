import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDecisive, Messages } from './wire';

/** Where a connection is cut: before the COMMIT reaches the server, after its answer, or so that it arrives half a second late. */
export type Cut = 'before' | 'after' | 'late';

/** What passes how. */
export interface Weather {
  /** How long each piece is kept, in milliseconds, at least and at most. */
  readonly latencyMs: number;
  readonly jitterMs: number;
  /** Connections are taken, and nothing is passed on, either way. */
  readonly isBlackHole: boolean;
}

const FAIR: Weather = { latencyMs: 0, jitterMs: 0, isBlackHole: false };
const LATE_MS = 500;
const ANSWERED_MS = 100;

/** Stands between one instance and its database, and does to their connections what networks do. */
export class Proxy {
  private readonly sockets = new Set<Socket>();
  private weather = FAIR;
  private cut: { readonly how: Cut; readonly done: () => void } | undefined;

  private constructor(
    private readonly server: Server,
    /** The database's URL, by way of the proxy. */
    readonly url: string,
    private readonly path: string,
  ) {
    server.on('connection', (client) => {
      this.join(client, connect(this.path));
    });
  }

  /** @param url of a server on a Unix socket, as the embedded one is */
  static async open(url: string): Promise<Proxy> {
    const target = new URL(url.replace('@/', '@socket/'));
    const path = `${target.searchParams.get('host') ?? ''}/.s.PGSQL.${target.searchParams.get('port') ?? '5432'}`;
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { username, password, pathname } = target;
    return new Proxy(server, `postgres://${username}:${password}@127.0.0.1:${port}${pathname}`, path);
  }

  /** @param weather what is bad about it; nothing for fair weather */
  set(weather: Partial<Weather> = {}): void {
    this.weather = { ...FAIR, ...weather };
  }

  /** Cuts the next connection that commits. @returns whether one did in time */
  async cutNext(how: Cut, withinMs: number): Promise<boolean> {
    const cut = new Promise<boolean>((resolve) => {
      this.cut = {
        how,
        done: () => {
          resolve(true);
        },
      };
    });
    const isCut = await Promise.race([cut, sleep(withinMs, false)]);
    this.cut = undefined;
    return isCut;
  }

  /** Cuts every connection that there is. */
  cutAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cutAll();
    await once(this.server, 'close');
  }

  private join(client: Socket, server: Socket): void {
    const messages = new Messages();
    let state: Cut | undefined;
    const toServer = this.passer(server);
    const toClient = this.passer(client);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    }
    client.on('data', (piece: Buffer) => {
      for (const message of messages.push(piece)) {
        if (state === undefined && this.cut !== undefined && isDecisive(message)) {
          state = this.cut.how;
          this.cut.done();
          this.cut = undefined;
          if (state !== 'after') client.destroy();
          if (state === 'before') server.destroy();
        }
        if (state === 'late') void sleep(LATE_MS).then(() => server.write(message.bytes));
        else if (state !== 'before') toServer(message.bytes);
      }
    });
    server.on('data', (piece: Buffer) => {
      if (state === undefined) toClient(piece);
      // It has answered, and nobody will hear of it. A statement that commits by itself does not say so, so time must do.
      if (state !== 'after') return;
      if (piece.includes('COMMIT')) client.destroy();
      else setTimeout(() => client.destroy(), ANSWERED_MS);
    });
    server.on('close', () => client.destroy());
    client.on('close', () => {
      if (state !== 'late') server.destroy();
      else setTimeout(() => server.destroy(), 2 * LATE_MS);
    });
  }

  /** Passes pieces on in their order, each as late as the weather is when it comes. */
  private passer(to: Socket): (piece: Buffer) => void {
    let last = Promise.resolve();
    let waiting = 0;
    return (piece) => {
      const { latencyMs, jitterMs, isBlackHole } = this.weather;
      if (isBlackHole) return;
      const delayMs = latencyMs + Math.random() * jitterMs;
      if (delayMs === 0 && waiting === 0) {
        to.write(piece);
        return;
      }
      waiting += 1;
      const due = sleep(delayMs);
      last = last
        .then(() => due)
        .then(() => {
          waiting -= 1;
          if (!to.destroyed) to.write(piece);
        });
    };
  }
}
