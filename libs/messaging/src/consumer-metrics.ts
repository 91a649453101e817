import type { Counter, Histogram, Metrics } from '@tarsy/observability';

export class ConsumerMetrics {
  readonly handled: Counter<'consumer' | 'outcome'>;
  readonly seconds: Histogram<'consumer'>;
  readonly redeliveries: Counter<'consumer'>;

  constructor(metrics: Metrics) {
    this.handled = metrics.counter('tarsy_messages_handled_total', 'Deliveries by how their handling ended.', [
      'consumer',
      'outcome',
    ]);
    this.seconds = metrics.histogram('tarsy_message_handling_seconds', 'Time from delivery to acknowledgement.', [
      'consumer',
    ]);
    this.redeliveries = metrics.counter(
      'tarsy_message_redeliveries_total',
      'Deliveries after the first of a message.',
      ['consumer'],
    );
  }
}
