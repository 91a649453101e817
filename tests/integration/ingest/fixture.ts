import { alertAccepted, alertResolved, type AlertAccepted, type AlertResolved } from '@tarsy/contracts';
import { loadConfiguration } from '@tarsy/config';
import { DeadLetters, Messaging, type DeadLetter } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { readServiceEnvironment, startService, type RunningService } from '@tarsy/service';
import { eventuallyWithin } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { readEnvironment } from '../../../apps/ingest/src/ingest.config.js';
import { ingest } from '../../../apps/ingest/src/ingest.service.js';
import { required } from '../../test-servers.js';

const CONFIGURATION = `
defaults: { alert_type: host, alert_masking: { enabled: true, pattern_group: security } }
agent_chains:
  disk: { alert_types: [DiskFull], stages: [{ name: analysis, agents: [{ name: HostAgent }] }] }
`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** An ingest with a namespace of its own, and what it left in its streams. */
export class IngestFixture {
  readonly namespace = `ingest-${randomUUID().slice(0, 8)}`;
  readonly #running: RunningService[] = [];
  messaging!: Messaging;

  constructor() {
    beforeAll(async () => {
      this.messaging = await Messaging.connect(
        { url: required('NATS_URL'), namespace: this.namespace, clientName: 'ingest-test' },
        createSilentLogger(),
      );
      await this.messaging.ensureTopology();
    });
    afterAll(async () => {
      await Promise.all(this.#running.map((service) => service.stop()));
      await this.messaging.deleteTopology();
      await this.messaging.close();
    });
  }

  /** Starts a replica; returns its base URL. @param environment Added to what it reads from its environment. */
  async start(environment: Record<string, string> = {}): Promise<string> {
    const directory = mkdtempSync(join(tmpdir(), 'tarsy-ingest-'));
    writeFileSync(join(directory, 'tarsy.yaml'), CONFIGURATION);
    writeFileSync(join(directory, 'llm-providers.yaml'), '');
    const all = {
      NATS_URL: required('NATS_URL'),
      TARSY_NAMESPACE: this.namespace,
      SHUTDOWN_GRACE_MS: '1000',
      ...environment,
    };
    const configuration = loadConfiguration({ directory, environment: { HOME: '/nowhere' } });
    const service = await startService(
      ingest(readEnvironment(all), configuration),
      readServiceEnvironment('ingest', all),
      createSilentLogger(),
    );
    this.#running.push(service);
    return `http://127.0.0.1:${service.port}`;
  }

  /** The first replica. */
  get service(): RunningService {
    return this.#running[0]!;
  }

  /** Accepted alerts in their stream, oldest first; every consumer of theirs is a service that does not run here. */
  accepted(): Promise<AlertAccepted[]> {
    return this.#stored('accepted', alertAccepted.schema);
  }

  resolved(): Promise<AlertResolved[]> {
    return this.#stored('resolved', alertResolved.schema);
  }

  async deadLetters(): Promise<DeadLetter[]> {
    return await new DeadLetters(this.messaging).list({ limit: 100 });
  }

  /** Messages that the consumers of raw alerts have still to settle. */
  async rawAlertsLeft(): Promise<number> {
    const { manager, names } = this.messaging;
    return (await manager.streams.info(names.stream('ALERTS_RAW'))).state.messages;
  }

  /** Lowers or lifts the limit of the stream of accepted alerts. */
  async limitAlerts(maxMessages: number): Promise<void> {
    const { manager, names } = this.messaging;
    await manager.streams.update(names.stream('ALERTS'), { max_msgs: maxMessages });
  }

  async storedAlerts(): Promise<number> {
    const { manager, names } = this.messaging;
    return (await manager.streams.info(names.stream('ALERTS'))).state.messages;
  }

  async #stored<Value>(kind: string, schema: { parse(value: unknown): Value }): Promise<Value[]> {
    const { manager, names, payloads } = this.messaging;
    const stream = names.stream('ALERTS');
    const { state } = await manager.streams.info(stream);
    const values: Value[] = [];
    for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
      const message = await manager.streams.getMessage(stream, { seq: sequence });
      if (!names.unqualify(message?.subject ?? '').startsWith(`tarsy.alerts.${kind}.`)) continue;
      const body = await payloads.resolve(message!.data, message!.header);
      values.push(schema.parse(JSON.parse(new TextDecoder().decode(body))));
    }
    return values;
  }
}

export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as Record<string, unknown> };
}

/** One value of `/metrics`, 0 where there is none. @param line Name and labels as they are written there. */
export async function metric(url: string, line: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? 0);
}

export const eventually = eventuallyWithin(15_000);
