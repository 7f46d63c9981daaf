import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often instances are asked whether they are ready. */
const CHECK_MS = 100;

interface Backend {
  readonly port: number;
  /** Keeps connections open between requests, as proxies do. */
  readonly agent: Agent;
  isReady: boolean;
}

/**
 * A proxy in front of several instances, as docker/haproxy.cfg sets one up: it asks each for its readiness, sends
 * requests in turns to those that are ready over connections that it keeps, tries another instance only where no
 * connection could be made, and answers 502 when an instance is lost while it works on a request.
 */
export class Balancer {
  private readonly backends: readonly Backend[];
  private turn = 0;
  private isOpen = true;

  private constructor(
    private readonly server: Server,
    ports: readonly number[],
  ) {
    this.backends = ports.map((port) => ({ port, agent: new Agent({ keepAlive: true }), isReady: false }));
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => {
      void this.handle(asked, answer);
    });
  }

  /** Resolves when all instances are ready. */
  static async open(ports: readonly number[]): Promise<Balancer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const balancer = new Balancer(server, ports);
    for (const backend of balancer.backends) void balancer.watch(backend);
    await balancer.allReady();
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async allReady(): Promise<void> {
    while (!this.backends.every(({ isReady }) => isReady)) await sleep(20);
  }

  async close(): Promise<void> {
    this.isOpen = false;
    for (const { agent } of this.backends) agent.destroy();
    this.server.closeAllConnections();
    await once(this.server.close(), 'close');
  }

  private async watch(backend: Backend): Promise<void> {
    while (this.isOpen) {
      const url = `http://127.0.0.1:${backend.port}/health/ready`;
      const answer = await fetch(url, { headers: { connection: 'close' } }).catch(() => undefined);
      await answer?.arrayBuffer();
      backend.isReady = answer?.status === 200;
      await sleep(CHECK_MS);
    }
  }

  private async handle(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const ready = this.backends.filter(({ isReady }) => isReady);
      const backend = ready[this.turn++ % Math.max(1, ready.length)];
      if (backend === undefined) break;
      if (await pass(backend, asked, body, answer)) return;
    }
    answer.writeHead(503, { 'content-length': '0' }).end();
  }
}

/** @returns false when no connection could be made, so that another instance may be tried. */
function pass(
  { port, agent }: Backend,
  { method, url, headers: asked }: IncomingMessage,
  body: Buffer,
  answer: ServerResponse,
): Promise<boolean> {
  const headers = withoutConnection(asked);
  return new Promise((resolve) => {
    const sent = request({ port, host: '127.0.0.1', agent, method, path: url, headers }, (received) => {
      answer.writeHead(received.statusCode ?? 502, withoutConnection(received.headers));
      received.pipe(answer);
      received.once('end', () => {
        resolve(true);
      });
      received.once('error', () => {
        answer.destroy();
        resolve(true);
      });
    });
    sent.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') resolve(false);
      else {
        if (!answer.headersSent) answer.writeHead(502, { 'content-length': '0' }).end();
        resolve(true);
      }
    });
    sent.end(body);
  });
}

/** `Connection` is for one hop (RFC 9110, 7.6.1). */
function withoutConnection(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'connection'));
}
