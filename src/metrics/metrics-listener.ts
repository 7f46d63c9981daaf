import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MetricsService } from './metrics.service';

/**
 * `GET /metrics` on a port of its own, without tokens: who can reach it is for the network to say. It goes on while the
 * service is stopping, so that the last seconds are seen as well.
 */
@Injectable()
export class MetricsListener implements OnApplicationShutdown {
  private readonly logger = new Logger('Metrics');
  private server: Server | undefined;

  constructor(private readonly metrics: MetricsService) {}

  /**
   * @returns the address, http://host:port
   * @throws the error of Node when the address cannot be had
   */
  async listen(port: number, host: string): Promise<string> {
    const server = createServer((request, response) => void this.answer(request, response));
    this.server = server;
    server.listen(port, host);
    await once(server, 'listening');
    const { address, port: taken, family } = server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (url ?? '').split('?');
    if (path !== '/metrics' || (method !== 'GET' && method !== 'HEAD')) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('There is nothing here but GET /metrics.\n');
      return;
    }
    try {
      const text = await this.metrics.tell();
      response.writeHead(200, { 'content-type': this.metrics.contentType }).end(text);
    } catch (error) {
      this.logger.error(error);
      response.writeHead(500).end();
    }
  }
}
