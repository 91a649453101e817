const google = (model: string, codeExecution = false, urlContext = true): Record<string, unknown> => ({
  type: 'google',
  model,
  api_key_env: 'GOOGLE_API_KEY',
  native_tools: { google_search: true, url_context: urlContext, code_execution: codeExecution },
});

/** Name under which the rule-based analyst is configured; it needs no model, key or network. */
export const PLAYBOOK_PROVIDER = 'playbook';
/** How it is labelled wherever a model is named. */
const PLAYBOOK_MODEL = 'offline analyst (rules, no model)';

/** @param ollamaModel `OLLAMA_MODEL`: which of its models a local Ollama is asked for. */
export const builtInProviders = (ollamaModel = 'llama3.2'): Readonly<Record<string, unknown>> => ({
  'ollama-default': { type: 'openai', model: ollamaModel, base_url: 'http://127.0.0.1:11434/v1' },
  [PLAYBOOK_PROVIDER]: { type: 'playbook', model: PLAYBOOK_MODEL },
  'google-default': google('gemini-3.7-flash'),
  'gemini-3.7-flash': google('gemini-3.7-flash'),
  'gemini-3.6-flash': google('gemini-3.6-flash'),
  'gemini-3.5-flash': google('gemini-3.5-flash'),
  'gemini-3-flash': google('gemini-3-flash-preview'),
  'gemini-3.1-pro': google('gemini-3.1-pro-preview'),
  'gemini-3.1-flash': google('gemini-3.1-flash-lite'),
  'gemini-2.5-flash': google('gemini-2.5-flash'),
  'gemini-2.5-pro': google('gemini-2.5-pro'),
  'google-image-flash': google('gemini-3.1-flash-image', false, false),
  'openai-default': { type: 'openai', model: 'gpt-5.2', api_key_env: 'OPENAI_API_KEY' },
  'anthropic-default': { type: 'anthropic', model: 'claude-sonnet-5', api_key_env: 'ANTHROPIC_API_KEY' },
  'xai-default': { type: 'xai', model: 'grok-4.6', api_key_env: 'XAI_API_KEY' },
  'vertexai-default': {
    type: 'vertexai',
    model: 'claude-sonnet-5',
    project_env: 'GOOGLE_CLOUD_PROJECT',
    location_env: 'GOOGLE_CLOUD_LOCATION',
  },
});
