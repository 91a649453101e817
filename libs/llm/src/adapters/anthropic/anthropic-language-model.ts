import Anthropic, { type BaseAnthropic } from '@anthropic-ai/sdk';
import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest } from '../../language-model.js';
import { CredentialsError } from '../../language-model.errors.js';
import type { LanguageModelFactory } from '../../language-model-factory.js';
import { madeUpIds } from '../made-up-ids.js';
import { ToolNames } from '../tool-names.js';
import { convertMessages } from './convert-messages.js';
import { mapError } from './map-error.js';
import { mapStream } from './map-stream.js';
import { prepareTools } from './prepare-tools.js';
import {
  canThink,
  refusedPart,
  THINKING_MODES,
  thinkingModeOf,
  thinkingParameters,
  type ThinkingMode,
} from './thinking.js';

const ANTHROPIC_URL = 'https://api.anthropic.com';
/** The SDK's own limit, out of the way: decorators limit time. */
export const SDK_TIMEOUT_MS = 3_600_000;

type Parameters = Anthropic.MessageCreateParamsStreaming;
/** What the clients for Anthropic's own API and for Vertex AI have in common. */
export type MessagesClient = BaseAnthropic & { readonly messages: Pick<Anthropic['messages'], 'create'> };

export interface AnthropicSettings {
  readonly provider: string;
  readonly model: string;
  readonly client: MessagesClient;
}

/** The messages API, streamed: Anthropic's own, and the same behind Vertex AI. */
export class AnthropicLanguageModel extends LanguageModel {
  override readonly provider: string;
  override readonly model: string;
  readonly #client: MessagesClient;
  #thinkingMode: ThinkingMode;
  #mostTokens: number | undefined;

  constructor({ provider, model, client }: AnthropicSettings) {
    super();
    this.provider = provider;
    this.model = model;
    this.#client = client;
    this.#thinkingMode = thinkingModeOf(model);
  }

  override async *stream(request: LanguageModelRequest, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
    let hasStreamed = false;
    try {
      const names = new ToolNames(request.tools);
      const events = await this.#start(request, names, signal);
      const toolNameOf = (name: string): string => names.fromVendor(name);
      const mapping = { toolNameOf, makeId: madeUpIds(request), source: this.#source };
      for await (const event of mapStream(endedByAbort(events, signal), mapping)) {
        hasStreamed = true;
        yield event;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw mapError(error, { provider: this.provider, hasStreamed, nowMs: Date.now() });
    }
  }

  get #source(): string {
    return `${this.provider}/${this.model}`;
  }

  /** Which thinking a model takes, and how long its answers may be, changes from one to the next: it says so, and is asked again. */
  async #start(request: LanguageModelRequest, names: ToolNames, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
    for (;;)
      try {
        return await this.#client.messages.create(this.#parameters(request, names), { signal });
      } catch (error) {
        if (!(error instanceof Anthropic.BadRequestError) || !this.#learn(error.apiMessage ?? '')) throw error;
      }
  }

  /** @returns whether another request may do better */
  #learn(complaint: string): boolean {
    const part = refusedPart(complaint);
    if (typeof part === 'object') {
      if (this.#mostTokens !== undefined && this.#mostTokens <= part.mostTokens) return false;
      this.#mostTokens = part.mostTokens;
      return true;
    }
    const next = part === 'thinking' ? THINKING_MODES[THINKING_MODES.indexOf(this.#thinkingMode) + 1] : undefined;
    if (next === undefined) return false;
    this.#thinkingMode = next;
    return true;
  }

  #parameters(request: LanguageModelRequest, names: ToolNames): Parameters {
    const { system, messages } = convertMessages(request.messages, names, this.#source);
    return {
      model: this.model,
      stream: true,
      ...(system.length > 0 ? { system } : {}),
      messages,
      ...prepareTools(request, names),
      ...thinkingParameters(canThink(this.#thinkingMode, messages) ? this.#thinkingMode : 'none', this.#mostTokens),
    };
  }
}

/** The SDK ends an aborted stream as if it were complete. */
async function* endedByAbort(events: AsyncIterable<unknown>, signal: AbortSignal): AsyncGenerator<unknown> {
  yield* events;
  signal.throwIfAborted();
}

export const createAnthropicLanguageModel: LanguageModelFactory = (reference, environment) => {
  const { provider, model, baseUrl = ANTHROPIC_URL, apiKeyEnv } = reference;
  const apiKey = apiKeyEnv === undefined ? undefined : environment[apiKeyEnv];
  if (!apiKey && (apiKeyEnv !== undefined || baseUrl === ANTHROPIC_URL))
    throw new CredentialsError(`provider ${provider} needs a key: ${apiKeyEnv ?? 'api_key_env'} is not set`);
  const client = new Anthropic({
    apiKey: apiKey || 'none',
    // Otherwise the SDK looks for them in the environment.
    authToken: null,
    webhookKey: null,
    // People write the address with the version, as other vendors want it.
    baseURL: baseUrl.replace(/\/v1\/?$/, ''),
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    openTelemetry: false,
    logLevel: 'off',
  });
  return new AnthropicLanguageModel({ provider, model, client });
};
