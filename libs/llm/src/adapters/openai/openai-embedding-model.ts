import type { OpenAI } from 'openai';
import { EmbeddingModel, normalized } from '../../embeddings/embedding-model.js';
import { mapError } from './map-error.js';
import { openAiClient, type OpenAiSettings } from './openai-client.js';

/** OpenAI's embeddings, and those of servers that speak its API, such as Ollama. */
export class OpenAiEmbeddingModel extends EmbeddingModel {
  override readonly provider: string;
  override readonly model: string;
  readonly #client: OpenAI;

  /** @param sendsDimensions The server can shorten vectors to `dimensions`. */
  constructor(
    settings: OpenAiSettings,
    override readonly dimensions: number,
    private readonly sendsDimensions: boolean,
  ) {
    super();
    this.provider = settings.provider;
    this.model = settings.model;
    this.#client = openAiClient(settings);
  }

  override async embed(texts: readonly string[], signal: AbortSignal): Promise<number[][]> {
    if (texts.length === 0) return [];
    try {
      const { data } = await this.#client.embeddings.create(
        {
          model: this.model,
          input: [...texts],
          encoding_format: 'float',
          ...(this.sendsDimensions ? { dimensions: this.dimensions } : {}),
        },
        { signal },
      );
      return [...data].sort((left, right) => left.index - right.index).map(({ embedding }) => normalized(embedding));
    } catch (error) {
      signal.throwIfAborted();
      throw mapError(error, { provider: this.provider, hasStreamed: false, nowMs: Date.now() });
    }
  }
}
