import { Controller, Get, Module, Post } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { taskScheduled, type TaskScheduled } from '@tarsy/contracts';
import { Consume, MessagePublisher, type Delivery } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { readServiceEnvironment, startService, type RunningService } from '@tarsy/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { required } from '../../test-servers.js';
import { eventually, taskOf, useMessaging } from '../messaging/fixture.js';

const fixture = useMessaging();

interface Handling {
  readonly task: TaskScheduled;
  readonly delivery: Delivery;
  finish(): void;
}

/** What handlers of this file wait for. */
let handlings: Handling[];
let answers: PromiseWithResolvers<string>[];
beforeEach(() => {
  handlings = [];
  answers = [];
});

@Controller('slow')
class SlowController {
  @Consume(taskScheduled, { durable: 'slow', filterSubjects: ['tarsy.tasks.slow.*'], ackWaitMs: 3_000 })
  handle(@Payload() task: TaskScheduled, @Ctx() delivery: Delivery): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    delivery.signal.addEventListener('abort', () => reject(delivery.signal.reason as Error));
    handlings.push({ task, delivery, finish: resolve });
    return promise;
  }

  @Post()
  submit(): Promise<string> {
    const answer = Promise.withResolvers<string>();
    answers.push(answer);
    return answer.promise;
  }

  @Get()
  read(): string {
    return 'here';
  }
}

@Module({ controllers: [SlowController] })
class SlowModule {}

const running: RunningService[] = [];
afterEach(() => Promise.all(running.splice(0).map((service) => service.stop())));

async function start(graceMs: number): Promise<{ service: RunningService; url: string }> {
  const environment = readServiceEnvironment('slow', {
    NATS_URL: required('NATS_URL'),
    TARSY_NAMESPACE: fixture.messaging.namespace,
    SHUTDOWN_GRACE_MS: String(graceMs),
  });
  const service = await startService({ app: 'slow', imports: [SlowModule] }, environment, createSilentLogger());
  running.push(service);
  return { service, url: `http://127.0.0.1:${service.port}` };
}

const publisher = (): MessagePublisher => new MessagePublisher(fixture.messaging);
const handlingOf = (task: TaskScheduled, number = 1): Promise<Handling> =>
  eventually(() => handlings.filter(({ task: { executionId } }) => executionId === task.executionId)[number - 1]);

describe('a service that stops', () => {
  it('says so, takes nothing new, and lets what runs come to its end', async () => {
    const { service, url } = await start(10_000);
    const [first, second] = [taskOf('slow'), taskOf('slow')];
    await publisher().publish(taskScheduled, first);
    const handling = await handlingOf(first);
    const stopped = service.stop();
    const health = await eventually(async () => {
      const answer = await fetch(`${url}/health`);
      return answer.status === 503 ? answer : undefined;
    });
    expect(await health.json()).toMatchObject({ status: 'draining' });
    await publisher().publish(taskScheduled, second);
    expect(handling.delivery.signal.aborted).toBe(false);
    handling.finish();
    await stopped;
    await start(1_000);
    const other = await handlingOf(second);
    expect(other.delivery.attempt).toBe(1);
    other.finish();
    expect(handlings).toHaveLength(2);
  });

  it('cuts off what outlasts the grace time and leaves it to another, at once', async () => {
    const { service } = await start(50);
    const task = taskOf('slow');
    await publisher().publish(taskScheduled, task);
    const handling = await handlingOf(task);
    await start(1_000);
    await service.stop();
    expect(handling.delivery.signal.reason).toMatchObject({ code: 'SHUTTING_DOWN' });
    const again = await handlingOf(task, 2);
    expect(again.delivery.attempt).toBe(2);
    again.finish();
  });

  it('answers requests that it has taken', async () => {
    const { service, url } = await start(1_000);
    const request = fetch(`${url}/slow`, { method: 'POST' });
    const answer = await eventually(() => answers.at(0));
    const stopped = service.stop();
    await eventually(async () => (await fetch(`${url}/slow`)).status === 503);
    answer.resolve('done');
    const response = await request;
    expect([response.status, await response.text()]).toEqual([201, 'done']);
    await stopped;
  });

  it('is not held up by a request without end', async () => {
    const { service, url } = await start(100);
    const request = fetch(`${url}/slow`, { method: 'POST' }).catch(() => 'cut off');
    await eventually(() => answers.at(0));
    await service.stop();
    expect(await request).toBe('cut off');
  });

  it('stops once, however often it is told to', async () => {
    const { service } = await start(100);
    await Promise.all([service.stop(), service.stop(), service.stop()]);
    await expect(fetch(`http://127.0.0.1:${service.port}/health`)).rejects.toThrow();
  });
});
