import { describe, expect, it } from 'vitest';
import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest } from '../language-model.js';
import { CredentialsError, PartialStreamError, ProviderError, RateLimitedError } from '../language-model.errors.js';
import { RetryingLanguageModel } from './retrying-language-model.js';
import { TimeLimitedLanguageModel } from './time-limited-language-model.js';

type Step = LanguageModelEvent | Error | 'wait';

/** Plays one list of steps per call; `wait` ends only when the signal aborts. */
class ScriptedModel extends LanguageModel {
  override readonly provider = 'p';
  override readonly model = 'm';
  calls = 0;

  constructor(private readonly scripts: readonly (readonly Step[])[]) {
    super();
  }

  override async *stream(_request: LanguageModelRequest, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
    for (const step of this.scripts[this.calls++] ?? []) {
      if (step instanceof Error) throw step;
      if (step === 'wait')
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))); // prettier-ignore
      else yield step;
    }
  }
}

const request: LanguageModelRequest = { executionId: 'e', messages: [], tools: [], interactionType: 'iteration' };
const text = (value: string): LanguageModelEvent => ({ type: 'text-delta', text: value });
const finish: LanguageModelEvent = { type: 'finish', stopReason: 'stop', usage: null };
async function collect(model: LanguageModel, signal = new AbortController().signal): Promise<LanguageModelEvent[]> {
  const events: LanguageModelEvent[] = [];
  for await (const event of model.stream(request, signal)) events.push(event);
  return events;
}

describe(RetryingLanguageModel.name, () => {
  const retrying = (scripts: Step[][]): { inner: ScriptedModel; model: LanguageModel; pauses: number[] } => {
    const pauses: number[] = [];
    const inner = new ScriptedModel(scripts);
    const sleep = (ms: number): Promise<void> => Promise.resolve(void pauses.push(ms));
    return { inner, pauses, model: new RetryingLanguageModel(inner, { sleep }) };
  };

  it('tries again after 1, 2 and 4 s', async () => {
    const down = new ProviderError('down');
    const { model, pauses } = retrying([[down], [down], [down], [text('up'), finish]]);
    expect(await collect(model)).toEqual([text('up'), finish]);
    expect(pauses).toEqual([1_000, 2_000, 4_000]);
  });

  it('gives up after the fourth failure', async () => {
    const { model, inner } = retrying(Array.from({ length: 9 }, () => [new ProviderError('down')]));
    await expect(collect(model)).rejects.toMatchObject({ code: 'MAX_RETRIES', message: 'gave up after 4 tries: down' });
    expect(inner.calls).toBe(4);
  });

  it('waits as long as the vendor asks, within reason', async () => {
    const soon = new RateLimitedError('slow down', { retryAfterMs: 5_000 });
    const late = new RateLimitedError('slow down', { retryAfterMs: 600_000 });
    const { model, pauses } = retrying([[soon], [late]]);
    await expect(collect(model)).rejects.toMatchObject({ code: 'MAX_RETRIES' });
    expect(pauses).toEqual([5_000]);
  });

  it('repeats neither what has streamed already nor what can not get better', async () => {
    const partial = retrying([[text('half'), new PartialStreamError('broken')]]);
    await expect(collect(partial.model)).rejects.toMatchObject({ code: 'PARTIAL_STREAM_ERROR' });
    const denied = retrying([[new CredentialsError('no')]]);
    await expect(collect(denied.model)).rejects.toMatchObject({ code: 'CREDENTIALS' });
    expect([partial.inner.calls, denied.inner.calls]).toEqual([1, 1]);
  });

  it('stops to wait when the signal aborts', async () => {
    const abort = new AbortController();
    const model = new RetryingLanguageModel(new ScriptedModel([[new ProviderError('down')]]), {
      onRetry: () => abort.abort(new Error('cancelled')),
    });
    await expect(collect(model, abort.signal)).rejects.toThrow('cancelled');
  });
});

describe(TimeLimitedLanguageModel.name, () => {
  const generous = { firstTokenTimeoutMs: 10_000, stallTimeoutMs: 10_000, llmCallTimeoutMs: 10_000 };
  const limited = (steps: Step[], limits: Partial<typeof generous>): LanguageModel =>
    new TimeLimitedLanguageModel(new ScriptedModel([steps]), { ...generous, ...limits });

  it.each([
    ['INITIAL_RESPONSE_TIMEOUT', ['wait'], { firstTokenTimeoutMs: 20 }],
    ['STALL_TIMEOUT', [text('a'), 'wait'], { stallTimeoutMs: 20 }],
    ['CALL_TIMEOUT', [text('a'), 'wait'], { llmCallTimeoutMs: 20 }],
  ] as [string, Step[], Partial<typeof generous>][])('ends with %s', async (code, steps, limits) => {
    await expect(collect(limited(steps, limits))).rejects.toMatchObject({ code, retryable: true });
  });

  it('leaves a call in time alone, however long its reader takes', async () => {
    const seen: LanguageModelEvent[] = [];
    const model = limited([text('a'), text('b'), finish], { stallTimeoutMs: 30 });
    for await (const event of model.stream(request, new AbortController().signal)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen.push(event);
    }
    expect(seen).toEqual([text('a'), text('b'), finish]);
  });

  it('passes the outer abort on', async () => {
    await expect(collect(limited(['wait'], {}), AbortSignal.timeout(10))).rejects.toThrow('timeout');
  });
});
