import { Injectable } from '@nestjs/common';
import { Metrics, type Counter } from '@tarsy/observability';

/** `refused`: never to be sent again. `failed`: not now. */
export type ReceiptOutcome = 'accepted' | 'refused' | 'unauthorized' | 'failed';

/** Counts what producers sent, whether or not it was an alert. */
@Injectable()
export class ReceivedAlerts {
  readonly #received: Counter<'source' | 'outcome'>;

  constructor(metrics: Metrics) {
    this.#received = metrics.counter('tarsy_alerts_received_total', 'Requests with alerts.', ['source', 'outcome']);
  }

  /** @param source One of a fixed set of words. */
  count(source: string, outcome: ReceiptOutcome): void {
    this.#received.inc({ source, outcome });
  }
}

export function outcomeOfStatus(status: number): ReceiptOutcome {
  if (status < 400) return 'accepted';
  if (status >= 500) return 'failed';
  return status === 401 ? 'unauthorized' : 'refused';
}
