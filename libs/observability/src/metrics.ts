import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type Metric } from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** Seconds, from 1 ms to 2 minutes: HTTP requests, message handling, tool and model calls. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;

/** Every metric of one process. Asking for a name again returns the same instance. */
export class Metrics {
  readonly #registry = new Registry();

  counter<Label extends string>(name: string, help: string, labels: readonly Label[] = []): Counter<Label> {
    return (
      this.#existing<Counter<Label>>(name) ??
      new Counter({ name, help, labelNames: [...labels], registers: [this.#registry] })
    );
  }

  gauge<Label extends string>(name: string, help: string, labels: readonly Label[] = []): Gauge<Label> {
    return (
      this.#existing<Gauge<Label>>(name) ??
      new Gauge({ name, help, labelNames: [...labels], registers: [this.#registry] })
    );
  }

  /** @param buckets Upper bounds; default {@link DURATION_BUCKETS_SECONDS}. */
  histogram<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[] = [],
    buckets: readonly number[] = DURATION_BUCKETS_SECONDS,
  ): Histogram<Label> {
    return (
      this.#existing<Histogram<Label>>(name) ??
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [this.#registry] })
    );
  }

  /** Adds what prom-client knows about the process: memory, CPU, event loop lag, open handles. */
  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Prometheus text format. */
  async expose(): Promise<{ contentType: string; body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #existing<Kind extends Metric>(name: string): Kind | undefined {
    return this.#registry.getSingleMetric(name) as unknown as Kind | undefined;
  }
}
