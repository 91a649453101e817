import { CredentialsError } from '../../language-model.errors.js';
import type { LanguageModelFactory } from '../../language-model-factory.js';
import { OpenAiResponsesLanguageModel } from '../openai-responses/openai-responses-language-model.js';
import { OpenAiLanguageModel, OPENAI_URL } from './openai-language-model.js';

/** A base URL may end with the path of the API that is meant, as vendors print it. */
const API_PATH = /\/(responses|chat\/completions)\/?$/;

/**
 * OpenAI itself is called by its responses API. Everything else that speaks like OpenAI (Azure, OpenRouter, Groq, vLLM, Ollama, …) is
 * called by chat completions, unless its base URL ends with `/responses`.
 *
 * @param defaultUrl Used where the reference names no base URL.
 */
function factoryFor(defaultUrl: string): LanguageModelFactory {
  return (reference, environment) => {
    const { provider, model, baseUrl: written = defaultUrl, apiKeyEnv } = reference;
    const baseUrl = written.replace(API_PATH, '');
    const api = API_PATH.exec(written)?.[1] ?? (baseUrl === OPENAI_URL ? 'responses' : 'chat/completions');
    const apiKey = apiKeyEnv === undefined ? undefined : environment[apiKeyEnv];
    // A server of one's own may need no key; the SDK wants some text.
    const needsKey = apiKeyEnv !== undefined || baseUrl === defaultUrl;
    if (!apiKey && needsKey)
      throw new CredentialsError(`provider ${provider} needs a key: ${apiKeyEnv ?? 'api_key_env'} is not set`);
    const settings = { provider, model, baseUrl, apiKey: apiKey || 'none' };
    return api === 'responses' ? new OpenAiResponsesLanguageModel(settings) : new OpenAiLanguageModel(settings);
  };
}

export const createOpenAiLanguageModel = factoryFor(OPENAI_URL);
export const createXaiLanguageModel = factoryFor('https://api.x.ai/v1');
