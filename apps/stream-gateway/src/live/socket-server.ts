import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { codeOf, messageOf, newId } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { WebSocketServer, type WebSocket } from 'ws';
import { isAllowedOrigin } from '../http/origins.js';
import { GATEWAY_CONFIG, type StreamGatewayConfig } from '../stream-gateway.config.js';
import { SocketChannels } from './socket-channels.js';
import { SocketConnection } from './socket-connection.js';
import { Viewers } from './viewers.js';

const PATH = '/api/v1/ws';
const LARGEST_REQUEST_BYTES = 64 * 1024;
/** RFC 6455: the server goes away; clients connect again, to another replica. */
const GOING_AWAY = 1001;

const REFUSALS = { 403: 'Forbidden', 404: 'Not Found', 503: 'Service Unavailable' } as const;

/** The WebSocket endpoint, on the port of the REST API. */
@Injectable()
export class SocketServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_REQUEST_BYTES });

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly channels: SocketChannels,
    private readonly viewers: Viewers,
    @Inject(GATEWAY_CONFIG) private readonly config: StreamGatewayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const http = this.host.httpAdapter.getHttpServer() as Server;
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  beforeApplicationShutdown(): void {
    for (const socket of this.#server.clients) socket.close(GOING_AWAY, 'shutting down');
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} ${REFUSALS[refusal]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (client) => this.#accept(client));
  }

  #refusal(request: IncomingMessage): keyof typeof REFUSALS | undefined {
    if (request.url?.split('?', 1)[0] !== PATH) return 404;
    const { origin, host, 'x-forwarded-host': forwardedHost } = request.headers;
    const ownHosts = [host, [forwardedHost].flat()[0]];
    if (!isAllowedOrigin(origin, ownHosts, this.config.allowedOrigins)) return 403;
    return undefined;
  }

  #accept(client: WebSocket): void {
    if (!this.viewers.enter('socket')) return client.close(1013, 'too many viewers');
    client.on('close', () => this.viewers.leave('socket'));
    const connectionId = newId();
    new SocketConnection(connectionId, client, this.channels, (error) =>
      this.logger.warn({ connectionId, code: codeOf(error), error: messageOf(error) }, 'socket.interrupted'),
    );
  }
}
