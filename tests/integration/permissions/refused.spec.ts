import { errors, type NatsConnection } from '@nats-io/transport-node';
import { NATS_IDENTITIES, SERVICE_NAMES, STREAM_NAMES, type NatsIdentity } from '@tarsy/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrivateNats } from './private-nats.js';

let nats: PrivateNats;
const connections = new Map<NatsIdentity, NatsConnection>();

beforeAll(async () => {
  nats = await PrivateNats.start('tarsy');
  await (await nats.messagingOf('chain-runner')).ensureTopology();
  for (const identity of NATS_IDENTITIES) connections.set(identity, await nats.connectionOf(identity));
});
afterAll(() => nats.stop());

/** Whether the server lets an identity publish on a subject; nobody need be there to answer. */
async function mayPublish(identity: NatsIdentity, subject: string, body = ''): Promise<boolean> {
  try {
    await connections.get(identity)!.request(subject, body, { timeout: 2_000 });
  } catch (error) {
    if (error instanceof Error && error.cause instanceof errors.PermissionViolationError) return false;
    if (!(error instanceof Error && error.cause instanceof errors.NoRespondersError)) throw error;
  }
  return true;
}

const thoseWhoMayPublish = async (subject: string, body?: string): Promise<NatsIdentity[]> => {
  const answers = await Promise.all(NATS_IDENTITIES.map((identity) => mayPublish(identity, subject, body)));
  return NATS_IDENTITIES.filter((_, index) => answers[index]);
};

async function maySubscribe(identity: NatsIdentity, subject: string): Promise<boolean> {
  const connection = connections.get(identity)!;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const subscription = connection.subscribe(subject, { callback: (error) => (error ? resolve(false) : undefined) });
  // Answered in order: a refusal comes before the end of the flush.
  void connection.flush().then(() => resolve(true));
  const may = await promise;
  subscription.unsubscribe();
  return may;
}

const NOTHING = JSON.stringify({ filter: 'tarsy.sessions.none.>' });

describe('a message', () => {
  it.each<[string, NatsIdentity[]]>([
    ['tarsy.alerts.raw.unheard-of', ['chain-runner', 'producer']],
    ['tarsy.alerts.accepted.high.s1', ['ingest', 'chain-runner']],
    ['tarsy.alerts.resolved.g1', ['ingest', 'chain-runner']],
    ['tarsy.tasks.none.normal', ['chain-runner']],
    ['tarsy.outcomes.e1', ['chain-runner', 'agent-worker']],
    ['tarsy.outcomes.parked.e1', ['chain-runner', 'agent-worker']],
    ['tarsy.toolcalls.none', ['chain-runner', 'agent-worker']],
    ['tarsy.sessions.s1.lifecycle', ['chain-runner']],
    ['tarsy.sessions.s1.journal.e1', ['agent-worker']],
    ['tarsy.sessions.s1.tools.e1.c1', ['mcp-broker']],
    ['tarsy.sessions.s1.mailbox.e1', ['chain-runner']],
    ['tarsy.chunks.s1.e1', ['agent-worker']],
    ['tarsy.commands.cancel-session', ['chain-runner', 'stream-gateway']],
    ['tarsy.commands.dispatch-agent', ['chain-runner', 'agent-worker', 'stream-gateway']],
    ['tarsy.commands.schedule.x', ['chain-runner']],
    ['tarsy.deadletters.TASKS', ['agent-worker']],
    ['tarsy.redeliveries.notifier', ['chain-runner']],
    ['tarsy.replies.r1', ['chain-runner']],
    ['tarsy.lookups.runbooks', ['stream-gateway']],
    ['tarsy.answers.a1', ['mcp-broker']],
    ['$KV.tool-catalogue.x', ['mcp-broker']],
    ['$KV.slack-messages.x', ['notifier']],
    ['$KV.service-presence.ingest.ingest-1', ['ingest']],
    ['other.alerts.raw.json', []],
  ])('on %s comes from %j alone', async (subject, identities) => {
    expect(await thoseWhoMayPublish(subject)).toEqual(identities);
  });
});

describe('a stream', () => {
  const streams = [...STREAM_NAMES, 'KV_tool-catalogue', 'KV_service-presence', 'OBJ_payloads'];

  it.each(streams)('%s can be deleted by no service', async (stream) => {
    expect(await thoseWhoMayPublish(`$JS.API.STREAM.DELETE.${stream}`)).toEqual([]);
  });

  it.each(streams)('%s is created and changed by chain-runner alone', async (stream) => {
    expect(await thoseWhoMayPublish(`$JS.API.STREAM.CREATE.${stream}`)).toEqual(['chain-runner']);
    expect(await thoseWhoMayPublish(`$JS.API.STREAM.UPDATE.${stream}`)).toEqual(['chain-runner']);
  });

  it('of another namespace can not even be looked at', async () => {
    expect(await thoseWhoMayPublish('$JS.API.STREAM.INFO.OTHER_TASKS')).toEqual([]);
    expect(await thoseWhoMayPublish('$JS.API.STREAM.NAMES')).toEqual([]);
  });

  it('is cut by chain-runner alone, and only where sessions and dead letters are removed', async () => {
    const mayCut = await Promise.all(
      STREAM_NAMES.map((stream) => thoseWhoMayPublish(`$JS.API.STREAM.PURGE.${stream}`, NOTHING)),
    );
    expect(Object.fromEntries(STREAM_NAMES.map((stream, index) => [stream, mayCut[index]]))).toEqual({
      ...Object.fromEntries(STREAM_NAMES.map((stream) => [stream, []])),
      SESSIONS: ['chain-runner'],
      DEADLETTERS: ['chain-runner'],
    });
  });

  it('gives its messages to nobody but those who work on them', async () => {
    expect(await thoseWhoMayPublish('$JS.API.STREAM.MSG.GET.COMMANDS', '{"seq":1}')).toEqual([]);
    expect(await thoseWhoMayPublish('$JS.API.STREAM.MSG.GET.DEADLETTERS', '{"seq":1}')).toEqual([
      'chain-runner',
      'stream-gateway',
    ]);
    expect(await thoseWhoMayPublish('$JS.API.CONSUMER.INFO.TASKS.agent-worker-default')).toEqual(['agent-worker']);
  });
});

describe('a consumer of the session log', () => {
  const create = JSON.stringify({
    stream_name: 'SESSIONS',
    config: {
      name: 'recorder',
      durable_name: 'recorder',
      ack_policy: 'explicit',
      filter_subject: 'tarsy.sessions.none.>',
    },
    action: '',
  });

  it.each([
    ['$JS.API.CONSUMER.CREATE.SESSIONS.recorder', create],
    ['$JS.API.CONSUMER.CREATE.SESSIONS.recorder.tarsy.sessions.none.>', create],
    ['$JS.API.CONSUMER.DURABLE.CREATE.SESSIONS.recorder', create],
    ['$JS.API.CONSUMER.MSG.NEXT.SESSIONS.recorder', '{"batch":1,"no_wait":true}'],
    ['$JS.ACK.SESSIONS.recorder.1.1.1.1.0', ''],
  ])('that belongs to chain-runner is out of reach for everybody else (%s)', async (subject, body) => {
    const others = NATS_IDENTITIES.filter((identity) => identity !== 'chain-runner');
    for (const other of others) expect([other, await mayPublish(other, subject, body)]).toEqual([other, false]);
  });

  it.each(['DELETE', 'INFO', 'PAUSE', 'RESET'])('of a colleague can not be asked to %s', async (verb) => {
    expect(await mayPublish('agent-worker', `$JS.API.CONSUMER.${verb}.SESSIONS.notifier`)).toBe(false);
  });

  it('can not be created without its name in the subject, where a body could name that of somebody else', async () => {
    expect(await thoseWhoMayPublish('$JS.API.CONSUMER.CREATE.SESSIONS', create)).toEqual([]);
  });
});

describe('an inbox', () => {
  it.each(SERVICE_NAMES)('of %s is open to nobody else', async (owner) => {
    const answers = await Promise.all(
      SERVICE_NAMES.map((identity) => maySubscribe(identity, `_INBOX.tarsy.${owner}.>`)),
    );
    expect(SERVICE_NAMES.filter((_, index) => answers[index])).toEqual([owner]);
  });

  it.each(SERVICE_NAMES)('is all that %s hears beside what it is meant to', async (identity) => {
    for (const subject of ['>', 'tarsy.>', '_INBOX.>', '$JS.>', 'tarsy.alerts.>', '$KV.>'])
      expect([subject, await maySubscribe(identity, subject)]).toEqual([subject, false]);
  });
});
