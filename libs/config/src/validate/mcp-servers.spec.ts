import { describe, expect, it } from 'vitest';
import { brief, problemsOf } from '../configuration.fixture.js';

describe('mcp_servers', () => {
  it.each([
    ['mcp_servers: { m: {} }', ['tarsy.yaml:1:19: mcp_servers.m.transport.type: is required: stdio, http or sse']],
    [
      'mcp_servers: { m: { transport: { type: pipe } } }',
      ['tarsy.yaml:1:40: mcp_servers.m.transport.type: must be stdio, http or sse'],
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio } } }',
      ['tarsy.yaml:1:32: mcp_servers.m.transport.command: is required for stdio'],
    ],
    [
      'mcp_servers: { m: { transport: { type: http } } }',
      ['tarsy.yaml:1:32: mcp_servers.m.transport.url: is required for http'],
    ],
    [
      'mcp_servers: { m: { transport: { type: http, url: "http://x", timeout: -1 } } }',
      ['tarsy.yaml:1:72: mcp_servers.m.transport.timeout: must not be negative'],
    ],
    [
      'mcp_servers: { m: { transport: { type: http, url: "http://x", timeout: soon } } }',
      ['tarsy.yaml:1:72: mcp_servers.m.transport.timeout: must be a number'],
    ],
    [
      'mcp_servers: { m: { transport: { type: sse } } }',
      ['tarsy.yaml:1:32: mcp_servers.m.transport.url: is required for sse'],
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio, command: x }, data_masking: { enabled: true, pattern_groups: [none] } } }',
      ['tarsy.yaml:1:109: mcp_servers.m.data_masking.pattern_groups.0: "none" is not a built-in pattern group'],
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio, command: x }, data_masking: { enabled: true, patterns: [kubernetes_secret] } } }',
      ['tarsy.yaml:1:103: mcp_servers.m.data_masking.patterns.0: "kubernetes_secret" is not a built-in pattern'],
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio, command: x }, data_masking: { enabled: true, custom_patterns: [{}] } } }',
      [
        'tarsy.yaml:1:110: mcp_servers.m.data_masking.custom_patterns.0.pattern: is required',
        'tarsy.yaml:1:110: mcp_servers.m.data_masking.custom_patterns.0.replacement: is required',
      ],
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio, command: x }, summarization: { size_threshold_tokens: 99 } } }',
      ['tarsy.yaml:1:101: mcp_servers.m.summarization.size_threshold_tokens: must be at least 100'],
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio, command: x }, summarization: { summary_max_token_limit: 49 } } }',
      ['tarsy.yaml:1:103: mcp_servers.m.summarization.summary_max_token_limit: must be at least 50'],
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio, command: x }, summarization: { llm_provider: nobody } } }',
      ['tarsy.yaml:1:92: mcp_servers.m.summarization.llm_provider: LLM provider "nobody" is not defined; known: …'],
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio, command: x }, summarization: { llm_backend: langchain } } }',
      ['tarsy.yaml:1:91: mcp_servers.m.summarization.llm_backend: needs llm_provider beside it'],
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio, command: x }, summarization: { llm_provider: openai-default, llm_backend: magic } } }',
      ['tarsy.yaml:1:121: mcp_servers.m.summarization.llm_backend: must be google-native or langchain'],
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio, command: x }, summarization: { enabled: false, llm_provider: openai-default } } }',
      ['tarsy.yaml:1:108: mcp_servers.m.summarization.llm_provider: is not allowed while summarization is disabled'],
    ],
  ])('refuses %s', (tarsy, problems) => {
    expect(problemsOf({ tarsy }).map(brief)).toEqual(problems);
  });
});
