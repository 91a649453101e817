import type { ModelReference } from '@tarsy/contracts';
import { CredentialsError } from '../../language-model.errors.js';
import type { LanguageModelEnvironment } from '../../language-model-factory.js';

/** Where on Vertex AI a model runs, and who asks. */
export interface VertexPlace {
  readonly project: string;
  readonly location: string;
  /** File with Google credentials; undefined takes the ambient ones. */
  readonly credentialsFile: string | undefined;
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** @throws {CredentialsError} a variable that the reference names is not set */
export function vertexPlace(reference: ModelReference, environment: LanguageModelEnvironment): VertexPlace {
  const { provider, projectEnv = 'GOOGLE_CLOUD_PROJECT', locationEnv, credentialsEnv } = reference;
  const read = (variable: string, what: string): string => {
    const value = environment[variable];
    if (!value) throw new CredentialsError(`provider ${provider} needs ${what}: ${variable} is not set`);
    return value;
  };
  return {
    project: read(projectEnv, 'a project'),
    location: locationEnv === undefined ? 'global' : read(locationEnv, 'a location'),
    credentialsFile: credentialsEnv === undefined ? undefined : read(credentialsEnv, 'a credentials file'),
  };
}

/** Options of Google's credentials library. */
export function authOptionsOf({ credentialsFile }: VertexPlace): { scopes: string; keyFilename?: string } {
  return { scopes: SCOPE, ...(credentialsFile === undefined ? {} : { keyFilename: credentialsFile }) };
}
