import { Injectable } from '@nestjs/common';
import { Metrics, type Gauge } from '@tarsy/observability';

/** Connections of one process; the next one is sent to another replica by a 503. */
const MOST_VIEWERS = 5_000;

export type ViewerKind = 'socket' | 'stream';

/** Counts who is looking. */
@Injectable()
export class Viewers {
  readonly #counts: Record<ViewerKind, number> = { socket: 0, stream: 0 };
  readonly #gauges: Record<ViewerKind, Gauge>;

  constructor(metrics: Metrics) {
    this.#gauges = {
      socket: metrics.gauge('tarsy_ws_connections_active', 'Open WebSocket connections'),
      stream: metrics.gauge('tarsy_sse_connections_active', 'Open server-sent event streams'),
    };
  }

  /** Takes a place; `false` when there is none left. Every `true` needs one {@link leave}. */
  enter(kind: ViewerKind): boolean {
    if (this.#counts.socket + this.#counts.stream >= MOST_VIEWERS) return false;
    this.#counts[kind] += 1;
    this.#gauges[kind].set(this.#counts[kind]);
    return true;
  }

  leave(kind: ViewerKind): void {
    this.#counts[kind] -= 1;
    this.#gauges[kind].set(this.#counts[kind]);
  }
}
