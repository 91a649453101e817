import type { ModelReference } from '@tarsy/contracts';
import type { LanguageModel } from './language-model.js';

/** What an adapter may read: keys by the name of their variable, and `CONFIG_DIR`. Usually `process.env`. */
export type LanguageModelEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Builds the model of a reference; one per adapter, registered in `create-language-model.ts`. Cheap: no connection is made.
 * @throws {CredentialsError} a key is needed and its variable is not set
 */
export type LanguageModelFactory = (reference: ModelReference, environment: LanguageModelEnvironment) => LanguageModel;
