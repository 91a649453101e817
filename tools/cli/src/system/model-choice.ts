import { PLAYBOOK_PROVIDER, type Configuration, type ProviderDefinition } from '@tarsy/config';

export interface ModelChoice {
  /** Overrides the configured default; undefined leaves it. */
  readonly defaultProvider: string | undefined;
  readonly modelEnvironment: Readonly<Record<string, string>>;
  /** One line for people: which model and why. */
  readonly explanation: string;
}

const OLLAMA_URL = 'http://127.0.0.1:11434';
/** Built-in providers by the key that makes them work; the first one found is taken. */
const BY_KEY: readonly (readonly [variable: string, provider: string])[] = [
  ['OPENAI_API_KEY', 'openai-default'],
  ['ANTHROPIC_API_KEY', 'anthropic-default'],
  ['GOOGLE_API_KEY', 'google-default'],
  ['XAI_API_KEY', 'xai-default'],
];

/** The configured default when it can work, else a key found in the environment, else Ollama, else the offline analyst. */
export async function chooseModel(configuration: Configuration, environment: NodeJS.ProcessEnv): Promise<ModelChoice> {
  const configured = configuration.defaults.provider;
  const provider = configuration.llmProviders[configured];
  const none = { modelEnvironment: {} };
  let because = 'no API key in the environment and no Ollama at its default address';
  if (configured !== PLAYBOOK_PROVIDER && provider) {
    const missing = missingVariable(provider, environment);
    if (missing === undefined)
      return { ...none, defaultProvider: undefined, explanation: `${provider.model} (${configured}, as configured)` };
    because = `${configured} is configured, but ${missing} is not set`;
  }
  for (const [variable, name] of BY_KEY) {
    if (environment[variable])
      return {
        ...none,
        defaultProvider: name,
        explanation: `${configuration.llmProviders[name]?.model} (${name}: ${variable} is set)`,
      };
  }
  const model = await firstOllamaModel();
  if (model)
    return {
      defaultProvider: 'ollama-default',
      modelEnvironment: { OLLAMA_MODEL: model },
      explanation: `${model} (Ollama at ${OLLAMA_URL})`,
    };
  return { ...none, defaultProvider: PLAYBOOK_PROVIDER, explanation: `offline analyst (rules, no model): ${because}` };
}

/** Name of a variable that a provider needs and that is not set; undefined where it has all it needs. */
export function missingVariable(
  {
    apiKeyEnv,
    credentialsEnv,
    projectEnv,
    locationEnv,
  }: Pick<ProviderDefinition, 'apiKeyEnv' | 'credentialsEnv' | 'projectEnv' | 'locationEnv'>,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  return [apiKeyEnv, credentialsEnv, projectEnv, locationEnv].find((name) => name !== undefined && !environment[name]);
}

/** Name of the first model of a local Ollama; undefined where none answers. */
export async function firstOllamaModel(): Promise<string | undefined> {
  try {
    const response = await fetch(`${OLLAMA_URL}/api/tags`, { signal: AbortSignal.timeout(500) });
    const { models } = (await response.json()) as { models?: { name?: string }[] };
    return models?.[0]?.name;
  } catch {
    return undefined;
  }
}
