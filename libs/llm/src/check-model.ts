import type { ModelReference, TokenUsage } from '@tarsy/contracts';
import { messageOf } from '@tarsy/core';
import { createLanguageModel } from './create-language-model.js';
import { TimeLimitedLanguageModel } from './decorators/time-limited-language-model.js';
import type { LanguageModel, LanguageModelRequest } from './language-model.js';
import type { LanguageModelEnvironment } from './language-model-factory.js';
import {
  CredentialsError,
  InvalidRequestError,
  isTimeout,
  ProviderError,
  RateLimitedError,
} from './language-model.errors.js';

/** What one small call to a model showed. */
export interface ModelCheck {
  readonly provider: string;
  readonly model: string;
  readonly isReachable: boolean;
  /** The answer came in more than one piece. */
  readonly streams: boolean;
  readonly callsTools: boolean;
  readonly thinks: boolean;
  /** Time to the first piece; undefined where nothing came. */
  readonly firstTokenMs: number | undefined;
  readonly usage: TokenUsage | null;
  /** One line that says what is wrong and what to do; undefined where nothing is. */
  readonly problem: string | undefined;
}

/** Milliseconds. A model of one's own may have to be loaded first. */
const LIMITS = { firstTokenTimeoutMs: 60_000, stallTimeoutMs: 30_000, llmCallTimeoutMs: 90_000 };

const REQUEST: LanguageModelRequest = {
  executionId: 'check',
  messages: [
    {
      role: 'system',
      content: 'You test a connection. Answer by calling the tool that you are given, once, and say nothing else.',
    },
    { role: 'user', content: 'Call report_status with the status "ok".' },
  ],
  tools: [
    {
      name: 'report_status',
      description: 'Reports that the connection works.',
      inputSchema: { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] },
      readOnly: true,
    },
  ],
  interactionType: 'iteration',
};

/** Makes one small call with one tool. Never throws: what goes wrong is the result. */
export async function checkModel(
  reference: ModelReference,
  environment: LanguageModelEnvironment,
  signal: AbortSignal,
): Promise<ModelCheck> {
  const seen = { provider: reference.provider, model: reference.model, isReachable: false, streams: false, callsTools: false, thinks: false, firstTokenMs: undefined as number | undefined, usage: null as TokenUsage | null }; // prettier-ignore
  try {
    const model: LanguageModel = new TimeLimitedLanguageModel(createLanguageModel(reference, environment), LIMITS);
    const startedAtMs = performance.now();
    let pieces = 0;
    for await (const event of model.stream(REQUEST, signal)) {
      seen.isReachable = true;
      seen.firstTokenMs ??= Math.round(performance.now() - startedAtMs);
      if (event.type === 'text-delta' || event.type === 'thinking-delta') seen.streams = ++pieces > 1;
      if (event.type === 'thinking-delta' && event.text !== '') seen.thinks = true;
      if (event.type === 'tool-call') seen.callsTools ||= event.name === 'report_status';
      if (event.type === 'finish') seen.usage = event.usage;
    }
    seen.thinks ||= (seen.usage?.thinkingTokens ?? 0) > 0;
    return {
      ...seen,
      problem: seen.callsTools ? undefined : 'answers, but did not call the tool: try `dialect: react`',
    };
  } catch (error) {
    return { ...seen, problem: explain(error, reference) };
  }
}

function explain(error: unknown, { apiKeyEnv, baseUrl, model }: ModelReference): string {
  const said = messageOf(error).replace(/\s+/g, ' ').slice(0, 200);
  const at = baseUrl === undefined ? '' : ` at ${baseUrl}`;
  if (error instanceof CredentialsError) return apiKeyEnv === undefined ? said : `${said}; check ${apiKeyEnv}`;
  if (error instanceof InvalidRequestError) return `the request was not accepted; is "${model}" a model there? ${said}`;
  if (error instanceof RateLimitedError) return `at its limit of calls for now: ${said}`;
  if (isTimeout(error)) return `no answer in time${at}: ${said}`;
  if (error instanceof ProviderError) return `can not be reached${at}: ${said}`;
  return said;
}
