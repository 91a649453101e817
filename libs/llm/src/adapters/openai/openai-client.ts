import { OpenAI } from 'openai';

/** The SDK's own limit, out of the way: decorators limit time. */
const SDK_TIMEOUT_MS = 3_600_000;

export interface OpenAiSettings {
  readonly provider: string;
  readonly model: string;
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** The vendor's client without its own retries, and with nothing taken from the environment. */
export function openAiClient({ apiKey, baseUrl }: Pick<OpenAiSettings, 'apiKey' | 'baseUrl'>): OpenAI {
  return new OpenAI({
    apiKey,
    baseURL: baseUrl,
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
  });
}
