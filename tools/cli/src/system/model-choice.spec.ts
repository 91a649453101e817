import { loadConfiguration } from '@tarsy/config';
import { describe, expect, it } from 'vitest';
import { chooseModel, missingVariable } from './model-choice.js';

const shipped = loadConfiguration({ environment: {}, keepUnset: true });
const configured = (provider: string): typeof shipped => ({ ...shipped, defaults: { ...shipped.defaults, provider } });

describe(chooseModel.name, () => {
  it.each([
    ['OPENAI_API_KEY', 'openai-default'],
    ['ANTHROPIC_API_KEY', 'anthropic-default'],
    ['GOOGLE_API_KEY', 'google-default'],
    ['XAI_API_KEY', 'xai-default'],
  ])('takes the model that %s opens, and says so', async (variable, provider) => {
    const choice = await chooseModel(shipped, { [variable]: 'key' });
    expect(choice.defaultProvider).toBe(provider);
    expect(choice.explanation).toContain(`${provider}: ${variable} is set`);
  });

  it('leaves a configured model that has all it needs', async () => {
    const choice = await chooseModel(configured('anthropic-default'), { ANTHROPIC_API_KEY: 'a', OPENAI_API_KEY: 'b' });
    expect(choice).toMatchObject({ defaultProvider: undefined, explanation: 'claude-sonnet-5 (anthropic-default, as configured)' }); // prettier-ignore
  });

  it('takes another where the configured one lacks its key', async () => {
    const choice = await chooseModel(configured('anthropic-default'), { OPENAI_API_KEY: 'b' });
    expect(choice.defaultProvider).toBe('openai-default');
  });
});

describe(missingVariable.name, () => {
  it('names what a provider lacks', () => {
    const vertex = shipped.llmProviders['vertexai-default']!;
    expect(missingVariable(vertex, { GOOGLE_CLOUD_PROJECT: 'p' })).toBe('GOOGLE_CLOUD_LOCATION');
    expect(missingVariable(vertex, { GOOGLE_CLOUD_PROJECT: 'p', GOOGLE_CLOUD_LOCATION: 'l' })).toBeUndefined();
  });
});
