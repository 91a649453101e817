import { sessionLifecycle, type LifecycleEvent } from '@tarsy/contracts';
import { Messaging, MessagePublisher, QueueInspector, type QueueState } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { readServiceEnvironment, startService, type RunningService } from '@tarsy/service';
import { eventuallyWithin, startSlackServer, type SlackMessage, type SlackServer } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { RetrySettings, SlackSettings } from '../../../apps/notifier/src/notifier.config.js';
import { notifier } from '../../../apps/notifier/src/notifier.service.js';
import { required } from '../../test-servers.js';

type Change = Partial<Extract<LifecycleEvent, { type: 'session-status-changed' }>>;

/** A session as chain-runner would tell of it. */
export interface ToldSession {
  readonly id: string;
  /** Publishes that it is in progress. */
  start(): Promise<void>;
  /** Publishes that agents have used up their iterations. */
  pause(): Promise<void>;
  end(change?: Change): Promise<void>;
}

/** Notifiers on a real NATS server and a Slack of this machine. */
export interface NotifierFixture {
  readonly messaging: Messaging;
  readonly slack: SlackServer;
  /** @param settings What differs from a good configuration. */
  startNotifier(replica: string, settings?: Partial<SlackSettings>): Promise<RunningService>;
  startIdleNotifier(): Promise<RunningService>;
  createSession(fingerprint?: string): Promise<ToldSession>;
  queues(): Promise<readonly QueueState[]>;
  /** Our messages of a session, oldest first. */
  messagesOf(session: ToldSession): SlackMessage[];
}

export const CHANNEL = 'C0123456789';
const RETRY: RetrySettings = { refusedAttempts: 2, settleMs: 500 };

export function useNotifiers(): NotifierFixture {
  const natsUrl = required('NATS_URL');
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  const running: RunningService[] = [];
  let messaging: Messaging;
  let publisher: MessagePublisher;
  let slack: SlackServer;

  const start = async (replica: string, settings: SlackSettings | undefined): Promise<RunningService> => {
    const environment = readServiceEnvironment('notifier', {
      NATS_URL: natsUrl,
      TARSY_NAMESPACE: namespace,
      TARSY_REPLICA: replica,
      SHUTDOWN_GRACE_MS: '50',
    });
    const service = await startService(notifier({ slack: settings }), environment, createSilentLogger());
    running.push(service);
    return service;
  };

  beforeAll(async () => {
    messaging = await Messaging.connect({ url: natsUrl, namespace, clientName: namespace }, createSilentLogger());
    await messaging.ensureTopology();
    publisher = new MessagePublisher(messaging);
    slack = await startSlackServer([CHANNEL]);
  });
  afterEach(async () => {
    slack.trouble(() => undefined);
    await Promise.all(running.splice(0).map((service) => service.stop()));
  });
  afterAll(async () => {
    await messaging.deleteTopology();
    await messaging.close();
    await slack.close();
  });

  return {
    get messaging() {
      return messaging;
    },
    get slack() {
      return slack;
    },
    startNotifier: (replica, settings) =>
      start(replica, {
        token: slack.token,
        channel: CHANNEL,
        apiUrl: slack.url,
        dashboardUrl: 'https://tarsy.example.com',
        retry: RETRY,
        ...settings,
      }),
    startIdleNotifier: () => start('idle', undefined),
    createSession: (fingerprint) => createSession(publisher, fingerprint),
    queues: () => new QueueInspector(messaging).streams(),
    messagesOf: ({ id }) => slack.messages.filter(({ metadata }) => metadata?.event_payload['session_id'] === id),
  };
}

async function createSession(publisher: MessagePublisher, fingerprint: string | undefined): Promise<ToldSession> {
  const id = randomUUID();
  let revision = 0;
  const base = (): { sessionId: string; revision: number; at: string } => ({
    sessionId: id,
    revision: ++revision,
    at: new Date().toISOString(),
  });
  const tell = async (change: Change): Promise<void> => {
    const event = { ...base(), type: 'session-status-changed' as const, status: 'completed' as const, ...change };
    await publisher.publish(sessionLifecycle, event);
  };
  await publisher.publish(sessionLifecycle, {
    ...base(),
    type: 'session-created',
    alertType: 'DiskFull',
    chainId: 'default',
    severity: 'high',
    author: null,
    ...(fingerprint === undefined ? {} : { slackMessageFingerprint: fingerprint }),
  });
  return {
    id,
    start: () => tell({ status: 'in_progress' }),
    pause: () => tell({ status: 'paused' }),
    end: (change = {}) => tell(change),
  };
}

export const eventually = eventuallyWithin(20_000);
