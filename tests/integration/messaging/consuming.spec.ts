import { AckPolicy } from '@nats-io/jetstream';
import { sessionLifecycle, subjectFilters, subjects, taskScheduled, type LifecycleEvent } from '@tarsy/contracts';
import { AppError } from '@tarsy/core';
import { ConsumerHost, DeadLetters, ExecutionLostError, MessagePublisher, type Delivery } from '@tarsy/messaging';
import { Metrics } from '@tarsy/observability';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually, taskOf, useMessaging } from './fixture.js';

const fixture = useMessaging();

class BusyError extends AppError {
  readonly code = 'BUSY';
  readonly retryable = true;
}

/** Options of a consumer that sees one test's messages only. */
const only = (pool: string) => ({ durable: pool, filterSubjects: [subjectFilters.tasksOfPool(pool)] });
const publish = async (pool: string, count = 1): Promise<void> => {
  const publisher = new MessagePublisher(fixture.messaging);
  for (let index = 0; index < count; index++) await publisher.publish(taskScheduled, taskOf(pool));
};
const lettersOf = async (consumer: string) =>
  (await new DeadLetters(fixture.messaging).list({ limit: 100 })).filter((letter) => letter.consumer === consumer);

describe(ConsumerHost.name, () => {
  it('delivers again after a handler failed, with the attempt counted', async () => {
    const attempts: number[] = [];
    const metrics = new Metrics();
    const host = new ConsumerHost(fixture.messaging, new DeadLetters(fixture.messaging), metrics);
    const consumer = await host.consume(taskScheduled, only('again'), (_task, delivery) => {
      attempts.push(delivery.attempt);
      if (delivery.attempt < 3) throw new BusyError('busy', { retryAfterMs: 30 });
      return Promise.resolve();
    });
    await publish('again');
    await eventually(() => attempts.length === 3);
    expect(attempts).toEqual([1, 2, 3]);
    await consumer.stop();
    const { body } = await metrics.expose();
    expect(body).toContain('tarsy_messages_handled_total{consumer="again",outcome="retry"} 2');
    expect(body).toContain('tarsy_messages_handled_total{consumer="again",outcome="done"} 1');
    expect(body).toContain('tarsy_message_redeliveries_total{consumer="again"} 2');
  });

  it('sets a message aside after its last attempt; replayed, it comes again on its subject', async () => {
    let broken = true;
    const subjectsSeen: string[] = [];
    const consumer = await new ConsumerHost(fixture.messaging).consume(
      taskScheduled,
      { ...only('poison'), maxDeliver: 2 },
      (_task, delivery) => {
        if (broken) throw new BusyError('still\nbusy', { retryAfterMs: 20 });
        subjectsSeen.push(delivery.subject);
        return Promise.resolve();
      },
    );
    const task = taskOf('poison');
    const { sequence } = await new MessagePublisher(fixture.messaging).publish(taskScheduled, task);
    const [letter] = await eventually(async () => {
      const letters = await lettersOf('poison');
      return letters.length > 0 ? letters : undefined;
    });
    expect(letter).toMatchObject({
      stream: 'TASKS',
      subject: 'tarsy.tasks.poison.normal',
      originalSequence: sequence,
      messageId: `${task.executionId}:0:task`,
      attempts: 2,
      errorCode: 'BUSY',
      errorMessage: 'still busy',
    });
    expect(JSON.parse(letter!.body)).toEqual(task);
    broken = false;
    await new DeadLetters(fixture.messaging).replay(letter!.sequence);
    await eventually(() => subjectsSeen.length > 0);
    expect(subjectsSeen).toEqual(['tarsy.tasks.poison.normal']);
    expect(await lettersOf('poison')).toEqual([]);
    await consumer.stop();
  });

  it('sets aside at once what can not be parsed, and a letter can be discarded', async () => {
    const { messaging } = fixture;
    const consumer = await new ConsumerHost(messaging).consume(taskScheduled, only('garbage'), () =>
      Promise.reject(new Error('not to be called')),
    );
    await messaging.jetstream.publish(messaging.names.qualify('tarsy.tasks.garbage.normal'), '{"half":');
    const [letter] = await eventually(async () => {
      const letters = await lettersOf('garbage');
      return letters.length > 0 ? letters : undefined;
    });
    expect(letter).toMatchObject({ errorCode: 'INVALID_MESSAGE', attempts: 1, body: '{"half":' });
    await new DeadLetters(messaging).discard(letter!.sequence);
    expect(await lettersOf('garbage')).toEqual([]);
    await expect(new DeadLetters(messaging).replay(letter!.sequence)).rejects.toMatchObject({
      code: 'MESSAGE_REFUSED',
    });
    await consumer.stop();
  });

  it('keeps a message whose handler takes longer than the ack wait, and runs no more than its slots', async () => {
    let running = 0;
    let most = 0;
    const deliveries: Delivery[] = [];
    const consumer = await new ConsumerHost(fixture.messaging).consume(
      taskScheduled,
      { ...only('slow'), ackWaitMs: 1_200, concurrency: 2 },
      async (_task, delivery) => {
        deliveries.push(delivery);
        most = Math.max(most, ++running);
        await sleep(1_800);
        running--;
      },
    );
    await publish('slow', 5);
    await eventually(() => deliveries.length === 5 && running === 0);
    expect(most).toBe(2);
    expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1]);
    await consumer.stop();
  });

  it('shares the load between two replicas, each message once', async () => {
    const other = await fixture.another();
    const seen: string[] = [];
    const counts = [0, 0];
    const handlerOf = (replica: number) => async (task: { executionId: string }) => {
      seen.push(task.executionId);
      counts[replica]!++;
      await sleep(2);
    };
    const consumers = [
      await new ConsumerHost(fixture.messaging).consume(
        taskScheduled,
        { ...only('shared'), concurrency: 4 },
        handlerOf(0),
      ),
      await new ConsumerHost(other).consume(taskScheduled, { ...only('shared'), concurrency: 4 }, handlerOf(1)),
    ];
    await publish('shared', 200);
    await eventually(() => seen.length === 200);
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    expect(new Set(seen).size).toBe(200);
    expect(Math.min(...counts)).toBeGreaterThan(20);
  });

  it('lets handlers finish when it stops, and takes nothing new', async () => {
    const host = new ConsumerHost(fixture.messaging);
    const events: string[] = [];
    const gate = Promise.withResolvers<void>();
    await host.consume(taskScheduled, { ...only('drain'), concurrency: 1 }, async () => {
      events.push('started');
      await gate.promise;
      events.push('finished');
    });
    await publish('drain', 2);
    await eventually(() => events.length === 1);
    const stopping = host.shutdown(20_000);
    gate.resolve();
    await stopping;
    // The other message was never delivered here.
    const attempts: number[] = [];
    const other = await new ConsumerHost(await fixture.another()).consume(taskScheduled, only('drain'), (_task, { attempt }) => Promise.resolve(void attempts.push(attempt))); // prettier-ignore
    await eventually(() => attempts.length > 0);
    await other.stop();
    expect([events, attempts]).toEqual([['started', 'finished'], [1]]);
  });

  it('aborts handlers after the grace time, and another replica has the message at once', async () => {
    const host = new ConsumerHost(fixture.messaging);
    let reason: unknown;
    let started = false;
    await host.consume(
      taskScheduled,
      { ...only('force'), ackWaitMs: 30_000, maxDeliver: 1 },
      async (_task, delivery) => {
        started = true;
        await new Promise((resolve) => delivery.signal.addEventListener('abort', resolve));
        reason = delivery.signal.reason;
        throw reason;
      },
    );
    await publish('force');
    await eventually(() => started);
    await host.shutdown(50);
    expect(reason).toMatchObject({ code: 'SHUTTING_DOWN' });
    const attempts: number[] = [];
    const other = await new ConsumerHost(await fixture.another()).consume(
      taskScheduled,
      only('force'),
      (_task, delivery) => Promise.resolve(void attempts.push(delivery.attempt)),
    );
    await eventually(() => attempts.length > 0, 2_000);
    expect(attempts).toEqual([2]);
    await other.stop();
  });

  it('goes on with a consumer that another version made with other settings', async () => {
    const before = await new ConsumerHost(fixture.messaging).consume(
      taskScheduled,
      { ...only('upgrade'), ackWaitMs: 30_000 },
      () => Promise.resolve(),
    );
    await before.stop();
    await publish('upgrade');
    let handled = 0;
    const after = await new ConsumerHost(fixture.messaging).consume(
      taskScheduled,
      { ...only('upgrade'), ackWaitMs: 5_000 },
      () => Promise.resolve(void handled++),
    );
    await eventually(() => handled === 1);
    await after.stop();
    const info = await fixture.messaging.manager.consumers.info(fixture.messaging.names.stream('TASKS'), 'upgrade');
    expect(info.config.ack_wait).toBe(5_000_000_000);
  });

  it('sets aside a message that was delivered too often without an end', async () => {
    const { messaging } = fixture;
    const durable = only('killer');
    const first = await new ConsumerHost(messaging).consume(taskScheduled, durable, () => Promise.resolve());
    await first.stop();
    await publish('killer');
    const raw = await messaging.jetstream.consumers.get(messaging.names.stream('TASKS'), 'killer');
    for (let attempt = 1; attempt <= 2; attempt++) (await raw.next({ expires: 1_000 }))!.nak();
    let called = false;
    const consumer = await new ConsumerHost(messaging).consume(taskScheduled, { ...durable, maxDeliver: 2 }, () => {
      called = true;
      return Promise.resolve();
    });
    const [letter] = await eventually(async () => {
      const letters = await lettersOf('killer');
      return letters.length > 0 ? letters : undefined;
    });
    expect(letter).toMatchObject({ errorCode: 'DELIVERIES_EXHAUSTED', attempts: 3 });
    expect(called).toBe(false);
    await consumer.stop();
  });

  it('leaves a delivery alone whose execution went to another worker', async () => {
    const { messaging } = fixture;
    let calls = 0;
    const consumer = await new ConsumerHost(messaging).consume(
      taskScheduled,
      { ...only('overtaken'), ackWaitMs: 500, maxDeliver: 1 },
      () => {
        calls++;
        throw new ExecutionLostError('went to another worker');
      },
    );
    await publish('overtaken');
    await eventually(() => calls === 1);
    await consumer.stop();
    const info = await messaging.manager.consumers.info(messaging.names.stream('TASKS'), 'overtaken');
    expect(info.num_ack_pending).toBe(1);
    expect(await lettersOf('overtaken')).toEqual([]);
  });

  it('refuses filters that overlap with another consumer of a work queue, and a subject that needs filters', async () => {
    const host = new ConsumerHost(fixture.messaging);
    const consumer = await host.consume(taskScheduled, only('taken'), () => Promise.resolve());
    const overlapping = { durable: 'overlapping', filterSubjects: [subjectFilters.tasksOfPool('taken')] };
    await expect(host.consume(taskScheduled, overlapping, () => Promise.resolve())).rejects.toMatchObject({
      code: 'INVALID_CONSUMER',
    });
    await expect(host.consume(taskScheduled, { durable: 'vague' }, () => Promise.resolve())).rejects.toMatchObject({
      code: 'INVALID_CONSUMER',
    });
    await consumer.stop();
  });

  it('goes on when its durable consumer was deleted', async () => {
    const { messaging } = fixture;
    let handled = 0;
    const consumer = await new ConsumerHost(messaging).consume(taskScheduled, only('deleted'), () =>
      Promise.resolve(void handled++),
    );
    await publish('deleted');
    await eventually(() => handled === 1);
    await messaging.manager.consumers.delete(messaging.names.stream('TASKS'), 'deleted');
    await publish('deleted');
    // The first may come again: its acknowledgement can arrive after its consumer was deleted.
    await eventually(() => handled >= 2);
    await consumer.stop();
  });
});

describe('batches', () => {
  const batchOptions = { durable: 'batches', filterSubjects: [subjectFilters.tasksOfPool('batches')] };

  it('come in order, are tried again in place, and lose only what can never work', async () => {
    const { messaging } = fixture;
    const stored: number[] = [];
    let failures = 2;
    let poison = 0;
    const consumer = await new ConsumerHost(messaging).consumeBatches(
      'TASKS',
      { ...batchOptions, maxBatch: 10, maxWaitMs: 50 },
      (batch) => {
        if (failures-- > 0) throw new Error('database is away');
        if (batch.some(({ sequence }) => sequence === poison)) {
          class UnreadableError extends AppError {
            readonly code = 'UNREADABLE';
            readonly retryable = false;
          }
          throw new UnreadableError('can not be read');
        }
        stored.push(...batch.map(({ sequence }) => sequence));
        return Promise.resolve();
      },
    );
    const publisher = new MessagePublisher(messaging);
    const sequences: number[] = [];
    for (let index = 0; index < 35; index++) {
      const { sequence } = await publisher.publish(taskScheduled, taskOf('batches'));
      sequences.push(sequence);
      if (index === 20) poison = sequence;
    }
    await eventually(() => stored.length === 34);
    expect(stored).toEqual(sequences.filter((sequence) => sequence !== poison));
    expect(await lettersOf('batches')).toMatchObject([{ errorCode: 'UNREADABLE', originalSequence: poison }]);
    await consumer.stop();
  });
});

describe('a message of the session log that was given up', () => {
  const lifecycleOf = (sessionId: string): LifecycleEvent => ({
    type: 'session-status-changed',
    sessionId,
    revision: 1,
    at: new Date().toISOString(),
    status: 'in_progress',
  });
  const replayOnly = async (consumer: string): Promise<void> => {
    const [letter] = await eventually(async () => {
      const letters = await lettersOf(consumer);
      return letters.length > 0 ? letters : undefined;
    });
    await new DeadLetters(fixture.messaging).replay(letter!.sequence);
  };

  it('comes again, known by its first place, to the consumer that gave it up and to no other', async () => {
    const { messaging } = fixture;
    const seen: { by: string; subject: string; sequence: number }[] = [];
    let failures = 2;
    const filterSubjects = [subjectFilters.lifecycles];
    const failing = await new ConsumerHost(messaging).consume(
      sessionLifecycle,
      { durable: 'log-failing', filterSubjects, maxDeliver: 1 },
      (_event, { subject, sequence }) => {
        if (failures-- > 0) return Promise.reject(new Error('not yet'));
        return Promise.resolve(void seen.push({ by: 'failing', subject, sequence }));
      },
    );
    const other = await new ConsumerHost(messaging).consumeBatches(
      'SESSIONS',
      { durable: 'log-other', filterSubjects, maxWaitMs: 5 },
      (batch) =>
        Promise.resolve(void seen.push(...batch.map(({ subject, sequence }) => ({ by: 'other', subject, sequence })))),
    );
    const sessionId = randomUUID();
    const { sequence } = await new MessagePublisher(messaging).publish(sessionLifecycle, lifecycleOf(sessionId));
    await replayOnly('log-failing');
    // Given up once more: a new dead letter, about the same message.
    await eventually(async () => (await lettersOf('log-failing')).length === 1 && failures === 0);
    expect(await lettersOf('log-failing')).toMatchObject([
      { stream: 'SESSIONS', subject: subjects.lifecycle(sessionId), originalSequence: sequence },
    ]);
    await replayOnly('log-failing');
    await eventually(() => seen.some(({ by }) => by === 'failing'));
    expect(seen).toEqual(['other', 'failing'].map((by) => ({ by, subject: subjects.lifecycle(sessionId), sequence })));
    await Promise.all([failing.stop(), other.stop()]);
  });

  it('comes again in a batch too', async () => {
    const { messaging } = fixture;
    class UnrecordableError extends AppError {
      readonly code = 'UNRECORDABLE';
      readonly retryable = false;
    }
    let failing = true;
    const recorded: string[] = [];
    const consumer = await new ConsumerHost(messaging).consumeBatches(
      'SESSIONS',
      { durable: 'log-batches', deliver: 'new', filterSubjects: [subjectFilters.lifecycles], maxWaitMs: 5 },
      (batch) => {
        if (failing) return Promise.reject(new UnrecordableError('no'));
        return Promise.resolve(void recorded.push(...batch.map(({ subject }) => subject)));
      },
    );
    const sessionId = randomUUID();
    await new MessagePublisher(messaging).publish(sessionLifecycle, lifecycleOf(sessionId));
    await eventually(async () => (await lettersOf('log-batches')).length === 1);
    failing = false;
    await replayOnly('log-batches');
    await eventually(() => recorded.length > 0);
    expect(recorded).toEqual([subjects.lifecycle(sessionId)]);
    await consumer.stop();
  });

  it('reaches a consumer that an earlier version made without a place for it', async () => {
    const { messaging } = fixture;
    await messaging.manager.consumers.add(messaging.names.stream('SESSIONS'), {
      durable_name: 'log-old',
      ack_policy: AckPolicy.Explicit,
      filter_subject: messaging.names.qualify(subjectFilters.lifecycles),
    });
    const consumer = await new ConsumerHost(messaging).consume(
      sessionLifecycle,
      { durable: 'log-old', filterSubjects: [subjectFilters.lifecycles] },
      () => Promise.resolve(),
    );
    const { config } = await messaging.manager.consumers.info(messaging.names.stream('SESSIONS'), 'log-old');
    expect(config.filter_subjects).toContain(messaging.names.qualify(subjects.redelivery('log-old')));
    await consumer.stop();
  });
});
