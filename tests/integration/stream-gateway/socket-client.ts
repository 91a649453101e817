import { WebSocket } from 'ws';
import { eventually } from './fixture.js';

export type Message = Record<string, unknown> & { type: string };

/** One WebSocket client that keeps what it receives. */
export class SocketClient {
  readonly messages: Message[] = [];
  readonly #socket: WebSocket;
  closeCode: number | undefined;

  constructor(gatewayUrl: string, origin?: string) {
    this.#socket = new WebSocket(`${gatewayUrl.replace('http', 'ws')}/api/v1/ws`, origin ? { origin } : {});
    this.#socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as Message));
    this.#socket.on('close', (code) => (this.closeCode = code));
    this.#socket.on('error', () => undefined);
  }

  async opened(): Promise<this> {
    await this.received(({ type }) => type === 'connection.established');
    return this;
  }

  send(request: unknown): void {
    this.#socket.send(typeof request === 'string' ? request : JSON.stringify(request));
  }

  /** Waits for the first message that fits. */
  received(fits: (message: Message) => boolean): Promise<Message> {
    return eventually(() => this.messages.find(fits));
  }

  /** Stops reading from the network, as a client does that hangs. */
  hang(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.terminate();
  }
}
