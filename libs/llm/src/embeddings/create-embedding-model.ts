import { GoogleEmbeddingModel } from '../adapters/google/google-embedding-model.js';
import { OpenAiEmbeddingModel } from '../adapters/openai/openai-embedding-model.js';
import type { LanguageModelEnvironment } from '../language-model-factory.js';
import { CredentialsError } from '../language-model.errors.js';
import type { EmbeddingModel } from './embedding-model.js';
import { HashingEmbeddingModel } from './hashing-embedding-model.js';

export interface EmbeddingReference {
  readonly provider: 'google' | 'openai' | 'ollama' | 'hashing';
  readonly model: string;
  readonly dimensions: number;
  readonly apiKeyEnv?: string;
  readonly baseUrl?: string;
}

const OLLAMA_URL = 'http://127.0.0.1:11434/v1';

/**
 * The embedding model of a reference. Cheap: no connection is made.
 * @throws {CredentialsError} a key is needed and its variable is not set
 */
export function createEmbeddingModel(
  reference: EmbeddingReference,
  environment: LanguageModelEnvironment,
): EmbeddingModel {
  const { provider, model, dimensions, baseUrl } = reference;
  switch (provider) {
    case 'hashing':
      return new HashingEmbeddingModel(dimensions);
    case 'ollama':
      return new OpenAiEmbeddingModel(
        { provider, model, apiKey: 'none', baseUrl: baseUrl ?? OLLAMA_URL },
        dimensions,
        false,
      );
    case 'openai': {
      const apiKey = keyOf(reference, environment);
      return new OpenAiEmbeddingModel(
        { provider, model, apiKey, baseUrl: baseUrl ?? 'https://api.openai.com/v1' },
        dimensions,
        true,
      );
    }
    case 'google': {
      const apiKey = keyOf(reference, environment);
      return new GoogleEmbeddingModel(
        { provider, model, apiKey, baseUrl: baseUrl ?? 'https://generativelanguage.googleapis.com' },
        dimensions,
      );
    }
  }
}

function keyOf({ provider, apiKeyEnv, baseUrl }: EmbeddingReference, environment: LanguageModelEnvironment): string {
  const apiKey = apiKeyEnv === undefined ? undefined : environment[apiKeyEnv];
  if (!apiKey && (apiKeyEnv !== undefined || baseUrl === undefined))
    throw new CredentialsError(`embeddings of ${provider} need a key: ${apiKeyEnv ?? 'api_key_env'} is not set`);
  return apiKey || 'none';
}
