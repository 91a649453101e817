import { OpenAI } from 'openai';
import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest } from '../../language-model.js';
import type { LanguageModelError } from '../../language-model.errors.js';
import { madeUpIds } from '../made-up-ids.js';
import { openAiClient, type OpenAiSettings } from '../openai/openai-client.js';
import { mapError } from '../openai/map-error.js';
import { reasoningEffortOf } from '../openai/reasoning-effort.js';
import { argumentSchemaOf, ToolNames } from '../tool-names.js';
import { failureOf } from '../vendor-failure.js';
import { convertMessages } from './convert-messages.js';
import { FailedResponseError, mapStream } from './map-stream.js';

type Parameters = OpenAI.Responses.ResponseCreateParamsStreaming;

/** HTTP status that the API gives the same failures outside a stream. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = { rate_limit_exceeded: 429, server_error: 500 };

/** OpenAI's responses API, streamed: reasoning is shown in summaries and goes back sealed; nothing is stored at the vendor. */
export class OpenAiResponsesLanguageModel extends LanguageModel {
  override readonly provider: string;
  override readonly model: string;
  readonly #client: OpenAI;
  readonly #reasons: boolean;
  /** Summaries are for verified organisations only. */
  #summarizes = true;

  constructor(settings: OpenAiSettings) {
    super();
    this.provider = settings.provider;
    this.model = settings.model;
    this.#reasons = reasoningEffortOf(settings.model) !== undefined;
    this.#client = openAiClient(settings);
  }

  override async *stream(request: LanguageModelRequest, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
    let hasStreamed = false;
    try {
      const names = new ToolNames(request.tools);
      const events = await this.#start(request, names, signal);
      const toolNameOf = (name: string): string => names.fromVendor(name);
      const mapping = { toolNameOf, makeId: madeUpIds(request), source: this.#source };
      for await (const event of mapStream(events, mapping)) {
        hasStreamed = true;
        yield event;
      }
      signal.throwIfAborted();
    } catch (error) {
      signal.throwIfAborted();
      throw this.#errorOf(error, hasStreamed);
    }
  }

  get #source(): string {
    return `${this.provider}/${this.model}`;
  }

  async #start(request: LanguageModelRequest, names: ToolNames, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
    try {
      return await this.#client.responses.create(this.#parameters(request, names), { signal });
    } catch (error) {
      if (!(error instanceof OpenAI.BadRequestError) || error.param !== 'reasoning.summary') throw error;
      this.#summarizes = false;
      return await this.#client.responses.create(this.#parameters(request, names), { signal });
    }
  }

  #parameters(request: LanguageModelRequest, names: ToolNames): Parameters {
    return {
      model: this.model,
      input: convertMessages(request.messages, names, this.#source),
      stream: true,
      store: false,
      ...(request.tools.length > 0 ? { tools: request.tools.map((tool) => functionOf(tool, names)) } : {}),
      ...(this.#reasons
        ? {
            include: ['reasoning.encrypted_content' as const],
            reasoning: { effort: 'high' as const, ...(this.#summarizes ? { summary: 'auto' as const } : {}) },
          }
        : {}),
    };
  }

  #errorOf(error: unknown, hasStreamed: boolean): LanguageModelError {
    const { provider } = this;
    if (!(error instanceof FailedResponseError)) return mapError(error, { provider, hasStreamed, nowMs: Date.now() });
    const { message, vendorCode: words } = error;
    const status = STATUS_OF_CODE[words];
    return failureOf({ provider, message, status, words: `${words} ${message}`, retryAfterMs: undefined, hasStreamed, cause: error }); // prettier-ignore
  }
}

function functionOf(tool: LanguageModelRequest['tools'][number], names: ToolNames): OpenAI.Responses.FunctionTool {
  return {
    type: 'function',
    name: names.toVendor(tool.name),
    description: tool.description,
    parameters: argumentSchemaOf(tool),
    // Schemas of tool servers seldom meet the rules of strict mode.
    strict: false,
  };
}
