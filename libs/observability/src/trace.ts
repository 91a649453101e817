import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import {
  context,
  propagation,
  ROOT_CONTEXT,
  trace,
  TraceFlags,
  type Context,
  type ContextManager,
  type SpanContext,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

/** Keeps the active context across `await`. */
class AsyncContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<Arguments extends unknown[], Run extends (...values: Arguments) => ReturnType<Run>>(
    active: Context,
    run: Run,
    thisArgument?: ThisParameterType<Run>,
    ...values: Arguments
  ): ReturnType<Run> {
    return this.#storage.run(active, () => run.apply(thisArgument, values));
  }

  bind<Target>(active: Context, target: Target): Target {
    if (typeof target !== 'function') return target;
    return ((...values: unknown[]) =>
      this.with(active, target as unknown as () => unknown, undefined, ...(values as []))) as Target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }
}

/** Makes trace context follow asynchronous calls. Call once per process, before anything is handled; repeating it is a no-op. */
export function installTracing(): void {
  context.setGlobalContextManager(new AsyncContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

/** W3C `traceparent` of what runs now; undefined outside of a trace. */
export function currentTraceparent(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'];
}

/** Lower-case hex trace id of what runs now. */
export function currentTraceId(): string | undefined {
  return trace.getSpanContext(context.active())?.traceId;
}

/** Runs `run` as a child of `traceparent`; without one, or with one that can not be read, as the root of a new trace. */
export function runInTrace<Result>(traceparent: string | undefined, run: () => Result): Result {
  const parent = propagation.extract(ROOT_CONTEXT, traceparent === undefined ? {} : { traceparent });
  const child: SpanContext = {
    traceId: trace.getSpanContext(parent)?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: trace.getSpanContext(parent)?.traceFlags ?? TraceFlags.SAMPLED,
  };
  return context.with(trace.setSpanContext(parent, child), run);
}
