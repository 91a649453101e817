import type { ModelReference } from '@tarsy/contracts';
import { createAnthropicLanguageModel } from './adapters/anthropic/anthropic-language-model.js';
import { createGoogleLanguageModel } from './adapters/google/google-language-model.js';
import { createOpenAiLanguageModel, createXaiLanguageModel } from './adapters/openai/create-openai-language-model.js';
import { createVertexLanguageModel } from './adapters/vertex/vertex-language-model.js';
import { createPlaybookLanguageModel } from './adapters/playbook/playbook-language-model.js';
import type { LanguageModel } from './language-model.js';
import type { LanguageModelEnvironment, LanguageModelFactory } from './language-model-factory.js';
import { ProviderNotSupportedError } from './language-model.errors.js';

/** A new vendor is one adapter and one line here. */
const FACTORIES: Readonly<Partial<Record<ModelReference['type'], LanguageModelFactory>>> = {
  playbook: createPlaybookLanguageModel,
  openai: createOpenAiLanguageModel,
  xai: createXaiLanguageModel,
  anthropic: createAnthropicLanguageModel,
  google: createGoogleLanguageModel,
  vertexai: createVertexLanguageModel,
};

const SUPPORTED_PROVIDER_TYPES = Object.keys(FACTORIES) as readonly ModelReference['type'][];

/**
 * The model of a reference, without retries or time limits. Cheap: no connection is made.
 * @throws {ProviderNotSupportedError} no adapter serves this type yet
 * @throws {CredentialsError} a key is needed and its variable is not set
 */
export function createLanguageModel(reference: ModelReference, environment: LanguageModelEnvironment): LanguageModel {
  const factory = FACTORIES[reference.type];
  if (factory === undefined)
    throw new ProviderNotSupportedError(
      `provider ${reference.provider} is of type ${reference.type}; supported for now: ${SUPPORTED_PROVIDER_TYPES.join(', ')}`,
    );
  return factory(reference, environment);
}
