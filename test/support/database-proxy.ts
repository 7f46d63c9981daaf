import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a connection dies around a message of the client. */
export type Cut =
  /** The message never reaches the server. */
  | 'before'
  /** The server has done it and said so, but the answer is lost. */
  | 'after'
  /**
   * The same, but before it dies the server process says that the disk is full: it panics when it cannot write its log, though the
   * part with the COMMIT in it may have been written before.
   */
  | 'panic'
  /** The client's side dies at once; the message reaches the server half a second later. */
  | 'late';

/** What a server process says last: severity, SQLSTATE disk_full, message. */
const PANIC = errorResponse({ S: 'PANIC', V: 'PANIC', C: '53100', M: 'could not write to log file' });

/**
 * Stands between the service and its database, and cuts a connection at the worst moment. What kind of server it
 * is does not matter: it goes by the name of the prepared statement, or the text of the command, in the bytes.
 */
export class DatabaseProxy {
  private readonly sockets = new Set<Socket>();
  private forgery: { text: string; replacement: string } | undefined;
  private cut: { how: Cut; text: string; silentAfterwards: boolean } | undefined;
  private silent = false;
  /** Nothing is passed on any more, on no connection. */
  private isGone = false;
  /** How many connections there have been. */
  connections = 0;
  /** How often it has cut. */
  cuts = 0;

  private constructor(
    private readonly server: Server,
    /** The database's URL, by way of the proxy. */
    readonly url: string,
  ) {}

  static async open(url: string): Promise<DatabaseProxy> {
    const target = new URL(url.replace(/^postgres(ql)?:\/\/([^@/]*@)?\//, 'postgres://$2localhost/'));
    const socketDir = target.searchParams.get('host');
    const port = Number(target.searchParams.get('port') ?? (target.port || '5432'));
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: ownPort } = server.address() as AddressInfo;
    const own = `postgres://${target.username}:${target.password}@127.0.0.1:${ownPort}${target.pathname}`;
    const proxy = new DatabaseProxy(server, own);
    server.on('connection', (client) => {
      const path = socketDir?.startsWith('/') === true ? `${socketDir}/.s.PGSQL.${port}` : undefined;
      proxy.join(client, path === undefined ? connect(port, target.hostname) : connect(path));
    });
    return proxy;
  }

  /** Replaces text in what the server answers; both must be of the same length. */
  forge(text: string, replacement: string): void {
    this.forgery = { text, replacement };
  }

  /** Takes connections and everything that is said on them, and passes nothing on. */
  silence(silent: boolean): void {
    this.silent = silent;
  }

  /** Cuts the next connection that sends a message with this text in it, and if need be silences all others as well. */
  cutAt(text: string, how: Cut, { silentAfterwards = false } = {}): void {
    this.cut = { how, text, silentAfterwards };
  }

  async close(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private forged(bytes: Buffer): Buffer {
    if (this.forgery === undefined) return bytes;
    const { text, replacement } = this.forgery;
    return Buffer.from(bytes.toString('latin1').replaceAll(text, replacement), 'latin1');
  }

  private join(client: Socket, server: Socket): void {
    let swallowing = this.silent;
    let isLate = false;
    this.connections += 1;
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    }
    client.on('data', (bytes) => {
      if (swallowing || this.isGone) return;
      const { cut } = this;
      if (cut === undefined || !bytes.includes(cut.text)) {
        server.write(bytes);
        return;
      }
      this.cut = undefined;
      this.silent = cut.silentAfterwards;
      this.isGone = cut.silentAfterwards;
      this.cuts += 1;
      swallowing = true;
      if (cut.how === 'before') {
        client.destroy();
        server.destroy();
      } else if (cut.how === 'after' || cut.how === 'panic') {
        server.write(bytes);
        server.on('data', (answers) => {
          // Those of statements ahead of it may come by themselves.
          if (cut.text === 'COMMIT' && !answers.includes('COMMIT')) return;
          if (cut.how === 'panic') client.end(PANIC);
          else client.destroy();
          server.destroy();
        });
      } else {
        isLate = true;
        client.destroy();
        void sleep(500).then(() => server.write(bytes));
      }
    });
    server.on('data', (bytes) => {
      if (!swallowing) client.write(this.forged(bytes));
    });
    server.on('close', () => {
      if (!client.writableEnded) client.destroy();
    });
    client.on('close', () => {
      if (!isLate) server.destroy();
    });
  }
}

/** @see https://www.postgresql.org/docs/current/protocol-error-fields.html */
function errorResponse(fields: Readonly<Record<string, string>>): Buffer {
  const body = Object.entries(fields)
    .map(([field, value]) => `${field}${value}\0`)
    .join('');
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(body.length + 1 + 4, 1);
  return Buffer.concat([head, Buffer.from(`${body}\0`)]);
}
