import { GoogleGenAI } from '@google/genai';
import { EmbeddingModel, normalized } from '../../embeddings/embedding-model.js';
import { withoutVersion } from './google-language-model.js';
import { mapError } from './map-error.js';

export interface GoogleEmbeddingSettings {
  readonly provider: string;
  readonly model: string;
  readonly apiKey: string;
  readonly baseUrl: string;
}

/** Embeddings of the Gemini API. */
export class GoogleEmbeddingModel extends EmbeddingModel {
  override readonly provider: string;
  override readonly model: string;
  readonly #client: GoogleGenAI;

  constructor(
    { provider, model, apiKey, baseUrl }: GoogleEmbeddingSettings,
    override readonly dimensions: number,
  ) {
    super();
    this.provider = provider;
    this.model = model;
    this.#client = new GoogleGenAI({ vertexai: false, apiKey, apiVersion: 'v1beta', httpOptions: { baseUrl: withoutVersion(baseUrl) } }); // prettier-ignore
  }

  /** One call for each text: the newest models take several contents for the parts of one. */
  override async embed(texts: readonly string[], signal: AbortSignal): Promise<number[][]> {
    try {
      return await Promise.all(texts.map((text) => this.#embedOne(text, signal)));
    } catch (error) {
      signal.throwIfAborted();
      throw mapError(error, { provider: this.provider, hasStreamed: false, nowMs: Date.now(), headers: undefined });
    }
  }

  async #embedOne(text: string, abortSignal: AbortSignal): Promise<number[]> {
    const config = { abortSignal, outputDimensionality: this.dimensions };
    const { embeddings } = await this.#client.models.embedContent({ model: this.model, contents: text, config });
    return normalized(embeddings?.[0]?.values ?? []);
  }
}
