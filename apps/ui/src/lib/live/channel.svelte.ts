import type { LiveEvent, SocketReply, SocketRequest } from '@tarsy/contracts';
import { socketUrl } from './api';

const PING_EVERY_MS = 20_000;
const PONG_LIMIT_MS = 10_000;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 3_000;

/** One WebSocket subscription that reconnects, with growing delays, until it is closed. */
export class Channel {
  #socket: WebSocket | undefined;
  #retryMs = FIRST_RETRY_MS;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #closed = false;
  #connected = $state(false);

  /** @param onConnected Called after each subscription: what was missed meanwhile has to be read over REST. */
  constructor(
    private readonly name: string,
    private readonly onEvent: (event: LiveEvent) => void,
    private readonly onConnected: () => void,
  ) {
    this.#connect();
  }

  get connected(): boolean {
    return this.#connected;
  }

  close(): void {
    this.#closed = true;
    this.#stopTimers();
    this.#socket?.close();
  }

  #connect(): void {
    const socket = new WebSocket(socketUrl());
    this.#socket = socket;
    socket.onopen = () => this.#send({ action: 'subscribe', channel: this.name });
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)) as LiveEvent | SocketReply);
    socket.onclose = () => this.#reconnect();
  }

  #receive(message: LiveEvent | SocketReply): void {
    switch (message.type) {
      case 'subscription.confirmed':
        this.#connected = true;
        this.#retryMs = FIRST_RETRY_MS;
        this.#schedulePing();
        this.onConnected();
        return;
      case 'pong':
        this.#schedulePing();
        return;
      case 'connection.established':
      case 'subscription.error':
      case 'catchup.overflow':
      case 'error':
        return;
      default:
        this.onEvent(message);
    }
  }

  #schedulePing(): void {
    this.#stopTimers();
    this.#timers = [
      setTimeout(() => this.#send({ action: 'ping' }), PING_EVERY_MS),
      setTimeout(() => this.#socket?.close(), PING_EVERY_MS + PONG_LIMIT_MS),
    ];
  }

  #reconnect(): void {
    this.#connected = false;
    this.#stopTimers();
    if (this.#closed) return;
    this.#timers = [setTimeout(() => this.#connect(), this.#retryMs)];
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  #send(request: SocketRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }
}
