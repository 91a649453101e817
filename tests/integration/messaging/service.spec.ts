import { Controller, Get, Module, NotFoundException, Post } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { servicePresence, taskScheduled, type TaskScheduled } from '@tarsy/contracts';
import { AppError } from '@tarsy/core';
import { Buckets, Consume, DeadLetters, MessagePublisher, type Delivery } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import {
  HEALTH_CHECKS,
  PRESENCE_DETAILS,
  readServiceEnvironment,
  startService,
  type RunningService,
} from '@tarsy/service';
import { afterEach, describe, expect, it } from 'vitest';
import { required } from '../../test-servers.js';
import { eventually, taskOf, useMessaging } from './fixture.js';

const fixture = useMessaging();
const handled: { task: TaskScheduled; delivery: Delivery }[] = [];

class NoSuchChainError extends AppError {
  readonly code = 'NO_SUCH_CHAIN';
  readonly retryable = false;
}

@Controller('things')
class ThingsController {
  @Get(':id')
  read(): { id: string } {
    return { id: 'one' };
  }

  @Get(':id/missing')
  missing(): never {
    throw new NotFoundException('no such thing');
  }

  @Post()
  fail(): never {
    throw new Error('secret detail');
  }

  @Consume(taskScheduled, { durable: 'things', filterSubjects: ['tarsy.tasks.things.*'] })
  handle(@Payload() task: TaskScheduled, @Ctx() delivery: Delivery): Promise<void> {
    if (task.wakeCount === 13) throw new NoSuchChainError('no chain 13');
    handled.push({ task, delivery });
    return Promise.resolve();
  }
}

@Module({
  controllers: [ThingsController],
  providers: [
    { provide: HEALTH_CHECKS, useValue: [{ name: 'redis', check: () => Promise.resolve({ status: 'degraded' }) }] },
    { provide: PRESENCE_DETAILS, useValue: () => ({ slots: 3 }) },
  ],
})
class ThingsModule {}

@Controller()
class TwinController {
  @Consume(taskScheduled, { durable: 'twin', filterSubjects: ['tarsy.tasks.twin.*'] })
  one(): Promise<void> {
    return Promise.resolve();
  }

  @Consume(taskScheduled, { durable: 'twin', filterSubjects: ['tarsy.tasks.twin.*'] })
  other(): Promise<void> {
    return Promise.resolve();
  }
}

@Module({ controllers: [TwinController] })
class TwinModule {}

const running: RunningService[] = [];
const start = async (module: typeof ThingsModule): Promise<{ service: RunningService; url: string }> => {
  const environment = readServiceEnvironment('things', {
    NATS_URL: required('NATS_URL'),
    TARSY_NAMESPACE: fixture.messaging.namespace,
    TARSY_REPLICA: 'things-1',
    SHUTDOWN_GRACE_MS: '2000',
  });
  const service = await startService(
    { app: 'things', imports: [module], httpApiPrefix: 'api', version: '1.2.3' },
    environment,
    createSilentLogger(),
  );
  running.push(service);
  return { service, url: `http://127.0.0.1:${service.port}` };
};
afterEach(() => Promise.all(running.splice(0).map((service) => service.stop())));

describe(startService.name, () => {
  it('answers health and metrics, and measures requests by route template', async () => {
    const { url } = await start(ThingsModule);
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toEqual({
      status: 'degraded',
      version: '1.2.3',
      checks: { nats: { status: 'healthy' }, redis: { status: 'degraded' } },
    });
    await (await fetch(`${url}/api/things/17`)).text();
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('tarsy_http_requests_total{method="GET",path="/api/things/:id",status_code="200"} 1');
    expect(metrics).toContain('process_cpu_seconds_total');
    expect(metrics).not.toContain('path="/health"');
  });

  it('answers errors as a message and keeps details to itself', async () => {
    const { url } = await start(ThingsModule);
    const missing = await fetch(`${url}/api/things/1/missing`);
    expect([missing.status, await missing.json()]).toEqual([404, { message: 'no such thing' }]);
    const failed = await fetch(`${url}/api/things`, { method: 'POST' });
    expect([failed.status, await failed.json()]).toEqual([500, { message: 'internal server error' }]);
    const large = await fetch(`${url}/api/things`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify('x'.repeat(3 * 1024 ** 2)),
    });
    expect(large.status).toBe(413);
    expect(await large.json()).toHaveProperty('message');
  });

  it('hands messages to Consume handlers, and sets aside what they refuse with the code of their error', async () => {
    await start(ThingsModule);
    const publisher = new MessagePublisher(fixture.messaging);
    const task = taskOf('things');
    await publisher.publish(taskScheduled, task);
    await eventually(() => handled.length > 0);
    expect(handled[0]).toMatchObject({ task, delivery: { subject: 'tarsy.tasks.things.normal', attempt: 1 } });
    expect(handled[0]!.delivery.signal.aborted).toBe(false);
    await publisher.publish(taskScheduled, taskOf('things', { wakeCount: 13 }));
    const [letter] = await eventually(async () => {
      const letters = await new DeadLetters(fixture.messaging).list({ limit: 10 });
      return letters.length > 0 ? letters : undefined;
    });
    expect(letter).toMatchObject({
      errorCode: 'NO_SUCH_CHAIN',
      errorMessage: 'no chain 13',
      consumer: 'things',
      attempts: 1,
    });
  });

  it('is present in its bucket while it runs', async () => {
    const { service } = await start(ThingsModule);
    const bucket = new Buckets(fixture.messaging).open(servicePresence);
    expect(await eventually(() => bucket.get('things.things-1'))).toMatchObject({
      app: 'things',
      version: '1.2.3',
      details: { slots: 3 },
    });
    await service.stop();
    expect(await bucket.get('things.things-1')).toBeUndefined();
  });

  it('does not start with two handlers for one durable consumer', async () => {
    await expect(start(TwinModule)).rejects.toMatchObject({ code: 'INVALID_CONSUMER' });
  });
});
