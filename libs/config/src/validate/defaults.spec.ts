import { describe, expect, it } from 'vitest';
import { brief, problemsOf } from '../configuration.fixture.js';

describe('defaults', () => {
  it.each([
    [
      'defaults: { fallback_providers: [{ provider: nobody }, { backend: langchain }, { provider: openai-default, backend: magic }] }',
      [
        'tarsy.yaml:1:34: defaults.fallback_providers.0.backend: is required: google-native or langchain',
        'tarsy.yaml:1:46: defaults.fallback_providers.0.provider: LLM provider "nobody" is not defined; known: …',
        'tarsy.yaml:1:56: defaults.fallback_providers.1.provider: is required',
        'tarsy.yaml:1:117: defaults.fallback_providers.2.backend: must be google-native or langchain',
      ],
    ],
    ['defaults: { success_policy: most }', ['tarsy.yaml:1:29: defaults.success_policy: must be all or any']],
    [
      'defaults: { alert_masking: { enabled: true } }',
      ['tarsy.yaml:1:28: defaults.alert_masking.pattern_group: is required when alert masking is enabled'],
    ],
    [
      'defaults: { alert_masking: { enabled: true, pattern_group: nothing } }',
      ['tarsy.yaml:1:60: defaults.alert_masking.pattern_group: "nothing" is not a built-in pattern group'],
    ],
    [
      'defaults: { summarization: { enabled: false, size_threshold_tokens: 1, summary_max_token_limit: 2 } }',
      [
        'tarsy.yaml:1:39: defaults.summarization.enabled: is not allowed here; set it on an MCP server',
        'tarsy.yaml:1:69: defaults.summarization.size_threshold_tokens: is not allowed here; set it on an MCP server',
        'tarsy.yaml:1:97: defaults.summarization.summary_max_token_limit: is not allowed here; set it on an MCP server',
      ],
    ],
    [
      'defaults: { summarization: { llm_provider: nobody, llm_backend: magic } }',
      [
        'tarsy.yaml:1:44: defaults.summarization.llm_provider: LLM provider "nobody" is not defined; known: …',
        'tarsy.yaml:1:65: defaults.summarization.llm_backend: must be google-native or langchain',
      ],
    ],
    [
      'defaults: { summarization: { llm_backend: langchain } }',
      ['tarsy.yaml:1:43: defaults.summarization.llm_backend: needs llm_provider beside it'],
    ],
    [
      'defaults: { scoring: { agent: nobody, llm_backend: magic, llm_provider: nobody, max_iterations: 0 } }',
      [
        'tarsy.yaml:1:31: defaults.scoring.agent: agent "nobody" is not defined; known: …',
        'tarsy.yaml:1:52: defaults.scoring.llm_backend: must be google-native or langchain',
        'tarsy.yaml:1:73: defaults.scoring.llm_provider: LLM provider "nobody" is not defined; known: …',
        'tarsy.yaml:1:97: defaults.scoring.max_iterations: must be at least 1',
      ],
    ],
    [
      'defaults: { orchestrator: { max_concurrent_agents: 0, agent_timeout: 0s, max_budget: -1s, max_depth: 0 } }',
      [
        'tarsy.yaml:1:52: defaults.orchestrator.max_concurrent_agents: must be at least 1',
        'tarsy.yaml:1:70: defaults.orchestrator.agent_timeout: must be positive',
        'tarsy.yaml:1:86: defaults.orchestrator.max_budget: must be positive',
        'tarsy.yaml:1:102: defaults.orchestrator.max_depth: must be at least 1',
      ],
    ],
    [
      'defaults: { memory: { embedding: { provider: acme, dimensions: 0 } } }',
      [
        'tarsy.yaml:1:46: defaults.memory.embedding.provider: must be google or openai',
        'tarsy.yaml:1:64: defaults.memory.embedding.dimensions: must be greater than 0',
      ],
    ],
    [
      'defaults: { budget: { max_tokens: 0, max_cost_usd: 0, max_tool_calls: 0, max_wall_time: 0s } }',
      [
        'tarsy.yaml:1:35: defaults.budget.max_tokens: must be positive',
        'tarsy.yaml:1:52: defaults.budget.max_cost_usd: must be positive',
        'tarsy.yaml:1:71: defaults.budget.max_tool_calls: must be positive',
        'tarsy.yaml:1:89: defaults.budget.max_wall_time: must be positive',
      ],
    ],
  ])('refuses %s', (tarsy, problems) => {
    expect(problemsOf({ tarsy }).map(brief)).toEqual(problems);
  });
});
