import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import { GoogleAuth, type AuthClient } from 'google-auth-library';
import type { LanguageModelFactory } from '../../language-model-factory.js';
import { authOptionsOf, vertexPlace } from '../vertex/vertex-place.js';
import { AnthropicLanguageModel, SDK_TIMEOUT_MS } from './anthropic-language-model.js';

/** Claude on Vertex AI. */
export const createClaudeOnVertex: LanguageModelFactory = (reference, environment) => {
  const { provider, model, baseUrl } = reference;
  const place = vertexPlace(reference, environment);
  const client = new AnthropicVertex({
    projectId: place.project,
    region: place.location,
    authClient: lazyAuth(new GoogleAuth(authOptionsOf(place))),
    baseURL: baseUrl ?? null,
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    openTelemetry: false,
    logLevel: 'off',
  });
  return new AnthropicLanguageModel({ provider, model, client });
};

/** Credentials are looked for with the first call. The SDK would look at once, and end the process where it finds none. */
function lazyAuth(auth: GoogleAuth): AuthClient {
  return { getRequestHeaders: () => auth.getRequestHeaders() } as unknown as AuthClient;
}
