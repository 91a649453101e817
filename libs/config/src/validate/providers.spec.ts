import { describe, expect, it } from 'vitest';
import { brief, problemsOf } from '../configuration.fixture.js';

describe('llm_providers', () => {
  it.each([
    [
      'llm_providers: { p: {} }',
      [
        'llm-providers.yaml:1:21: llm_providers.p.type: is required',
        'llm-providers.yaml:1:21: llm_providers.p.model: is required',
      ],
    ],
    [
      'llm_providers: { p: { type: oracle, model: m } }',
      ['llm-providers.yaml:1:29: llm_providers.p.type: must be google, openai, anthropic, xai, vertexai or playbook'],
    ],
    [
      'llm_providers: { p: { type: google, model: m, native_tools: { web_search: true } } }',
      ['llm-providers.yaml:1:75: llm_providers.p.native_tools.web_search: is no native tool; known: …'],
    ],
    ...['requests_per_minute', 'tokens_per_minute', 'concurrent_requests', 'context_window_tokens'].map(
      (key): [string, string[]] => [
        `llm_providers: { p: { type: openai, model: m, ${key}: 0 } }`,
        [`llm-providers.yaml:1:${49 + key.length}: llm_providers.p.${key}: must be at least 1`],
      ],
    ),
    [
      'llm_providers: { p: { type: openai, model: m, dialect: telepathy } }',
      ['llm-providers.yaml:1:56: llm_providers.p.dialect: must be function_calling or react'],
    ],
  ])('refuses %s', (providers, problems) => {
    expect(problemsOf({ providers }).map(brief)).toEqual(problems);
  });
});
