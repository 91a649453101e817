import type { LiveEvent, SocketReply, SocketRequest } from '@tarsy/contracts';
import { socketUrl } from '#lib/api/api';
import { Backoff } from './backoff';

const PING_EVERY_MS = 20_000;
const PONG_LIMIT_MS = 10_000;

/** One WebSocket subscription that reconnects, with growing delays, until it is closed. */
export class Channel {
  #socket: WebSocket | undefined;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #isClosed = false;
  #connection = $state<'connecting' | 'open' | 'lost'>('connecting');
  readonly #backoff = new Backoff();

  /** @param onConnected Called after each subscription: what was missed meanwhile has to be read over REST. */
  constructor(
    private readonly name: string,
    private readonly onEvent: (event: LiveEvent) => void,
    private readonly onConnected: () => void,
  ) {
    this.#connect();
  }

  /** `connecting` until it is open for the first time. */
  get connection(): 'connecting' | 'open' | 'lost' {
    return this.#connection;
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimers();
    this.#socket?.close();
  }

  #connect(): void {
    const socket = new WebSocket(socketUrl());
    this.#socket = socket;
    socket.onopen = () => this.#send({ action: 'subscribe', channel: this.name });
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)) as LiveEvent | SocketReply);
    socket.onclose = () => {
      if (this.#socket === socket) this.#reconnect();
    };
  }

  #receive(message: LiveEvent | SocketReply): void {
    switch (message.type) {
      case 'subscription.confirmed':
        this.#connection = 'open';
        this.#backoff.reset();
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
      setTimeout(() => this.#giveUp(), PING_EVERY_MS + PONG_LIMIT_MS),
    ];
  }

  /** A dead connection may take minutes to close; it is not waited for. */
  #giveUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#reconnect();
  }

  #reconnect(): void {
    this.#stopTimers();
    if (this.#isClosed) return;
    this.#connection = 'lost';
    this.#timers = [setTimeout(() => this.#connect(), this.#backoff.next())];
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  #send(request: SocketRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }
}
