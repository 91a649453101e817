import { OpenAI } from 'openai';
import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest } from '../../language-model.js';
import { CredentialsError } from '../../language-model.errors.js';
import type { LanguageModelFactory } from '../../language-model-factory.js';
import { convertMessages } from './convert-messages.js';
import { mapError } from './map-error.js';
import { mapStream } from './map-stream.js';
import { prepareTools, ToolNames } from './prepare-tools.js';
import { reasoningEffortOf } from './reasoning-effort.js';

const OPENAI_URL = 'https://api.openai.com/v1';
/** The SDK's own limit, out of the way: decorators limit time. */
const SDK_TIMEOUT_MS = 3_600_000;

type Parameters = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;

export interface OpenAiSettings {
  readonly provider: string;
  readonly model: string;
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** Chat completions, streamed: OpenAI, and everything that speaks its API. */
export class OpenAiLanguageModel extends LanguageModel {
  override readonly provider: string;
  override readonly model: string;
  readonly #client: OpenAI;
  #reasoningEffort: 'high' | undefined;

  constructor(settings: OpenAiSettings) {
    super();
    this.provider = settings.provider;
    this.model = settings.model;
    this.#reasoningEffort = settings.baseUrl === OPENAI_URL ? reasoningEffortOf(settings.model) : undefined;
    this.#client = new OpenAI({
      apiKey: settings.apiKey,
      baseURL: settings.baseUrl,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      // Otherwise the SDK looks for them in the environment.
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      logLevel: 'off',
    });
  }

  override async *stream(request: LanguageModelRequest, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
    let hasStreamed = false;
    try {
      const names = new ToolNames(request.tools);
      const chunks = await this.#start(this.#parameters(request, names), signal);
      const makeId = madeUpIds(request);
      for await (const event of mapStream(chunks, { toolNameOf: (name) => names.fromVendor(name), makeId })) {
        hasStreamed = true;
        yield event;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw mapError(error, { provider: this.provider, hasStreamed, nowMs: Date.now() });
    }
  }

  async #start(parameters: Parameters, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
    try {
      return await this.#client.chat.completions.create(parameters, { signal });
    } catch (error) {
      // Which models take it, with tools or without, changes from one to the next.
      if (!(error instanceof OpenAI.BadRequestError) || error.param !== 'reasoning_effort') throw error;
      this.#reasoningEffort = undefined;
      const { reasoning_effort: _refused, ...accepted } = parameters;
      return await this.#client.chat.completions.create(accepted, { signal });
    }
  }

  #parameters(request: LanguageModelRequest, names: ToolNames): Parameters {
    return {
      model: this.model,
      messages: convertMessages(request.messages, names),
      stream: true,
      stream_options: { include_usage: true },
      ...(request.tools.length > 0 ? { tools: prepareTools(request.tools, names) } : {}),
      ...(this.#reasoningEffort === undefined ? {} : { reasoning_effort: this.#reasoningEffort }),
    };
  }
}

/** Ids for calls without one: unique in the conversation, the same when the call is repeated. */
function madeUpIds({ messages }: LanguageModelRequest): () => string {
  let position = 0;
  return () => `call_${messages.length}_${++position}`;
}

/** @param defaultUrl Used where the reference names no base URL. */
function factoryFor(defaultUrl: string): LanguageModelFactory {
  return (reference, environment) => {
    const { provider, model, baseUrl = defaultUrl, apiKeyEnv } = reference;
    const apiKey = apiKeyEnv === undefined ? undefined : environment[apiKeyEnv];
    // A server of one's own may need no key; the SDK wants some text.
    const needsKey = apiKeyEnv !== undefined || baseUrl === defaultUrl;
    if (!apiKey && needsKey)
      throw new CredentialsError(`provider ${provider} needs a key: ${apiKeyEnv ?? 'api_key_env'} is not set`);
    return new OpenAiLanguageModel({ provider, model, baseUrl, apiKey: apiKey || 'none' });
  };
}

export const createOpenAiLanguageModel = factoryFor(OPENAI_URL);
export const createXaiLanguageModel = factoryFor('https://api.x.ai/v1');
