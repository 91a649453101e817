import { OpenAI } from 'openai';
import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest } from '../../language-model.js';
import { madeUpIds } from '../made-up-ids.js';
import { ToolNames } from '../tool-names.js';
import { convertMessages } from './convert-messages.js';
import { mapError } from './map-error.js';
import { mapStream } from './map-stream.js';
import { openAiClient, type OpenAiSettings } from './openai-client.js';
import { prepareTools } from './prepare-tools.js';
import { reasoningEffortOf } from './reasoning-effort.js';

export const OPENAI_URL = 'https://api.openai.com/v1';
type Parameters = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;

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
    this.#client = openAiClient(settings);
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
