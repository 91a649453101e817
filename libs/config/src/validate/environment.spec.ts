import { describe, expect, it } from 'vitest';
import { load, problemsOf, warningsOf } from '../configuration.fixture.js';

const CHECKED = { checkCredentials: true };
const VERTEX = 'llm_providers: { v: { type: vertexai, model: m, credentials_env: CREDENTIALS, project_env: PROJECT, location_env: LOCATION } }'; // prettier-ignore
const chain = (rest: string): string =>
  `agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker }] }], ${rest} } }`;
const stage = (rest: string): string =>
  `agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker }], ${rest} }] } }`;
const agent = (rest: string): string =>
  `agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker, ${rest} }] }] } }`;

describe('credentials', () => {
  it.each([
    ['defaults: { llm_provider: openai-default }', 'tarsy.yaml:1:27: defaults.llm_provider'],
    ['defaults: { fallback_providers: [{ provider: openai-default, backend: langchain }] }', 'tarsy.yaml:1:46: defaults.fallback_providers.0.provider'], // prettier-ignore
    ['defaults: { scoring: { llm_provider: openai-default } }', 'tarsy.yaml:1:38: defaults.scoring.llm_provider'],
    ['defaults: { summarization: { llm_provider: openai-default } }', 'tarsy.yaml:1:44: defaults.summarization.llm_provider'], // prettier-ignore
    ['mcp_servers: { m: { transport: { type: stdio, command: x }, summarization: { llm_provider: openai-default } } }', 'tarsy.yaml:1:92: mcp_servers.m.summarization.llm_provider'], // prettier-ignore
    [chain('llm_provider: openai-default'), 'tarsy.yaml:1:112: agent_chains.c.llm_provider'],
    [chain('sub_agents: [{ name: GeneralWorker, llm_provider: openai-default }]'), 'tarsy.yaml:1:148: agent_chains.c.sub_agents.0.llm_provider'], // prettier-ignore
    [chain('chat: { enabled: true, agent: ChatAgent, llm_provider: openai-default }'), 'tarsy.yaml:1:153: agent_chains.c.chat.llm_provider'], // prettier-ignore
    [chain('scoring: { enabled: true, llm_provider: openai-default }'), 'tarsy.yaml:1:138: agent_chains.c.scoring.llm_provider'], // prettier-ignore
    [chain('fallback_providers: [{ provider: openai-default, backend: langchain }]'), 'tarsy.yaml:1:131: agent_chains.c.fallback_providers.0.provider'], // prettier-ignore
    [stage('fallback_providers: [{ provider: openai-default, backend: langchain }]'), 'tarsy.yaml:1:128: agent_chains.c.stages.0.fallback_providers.0.provider'], // prettier-ignore
    [stage('synthesis: { llm_provider: openai-default }'), 'tarsy.yaml:1:122: agent_chains.c.stages.0.synthesis.llm_provider'], // prettier-ignore
    [stage('sub_agents: [{ name: GeneralWorker, llm_provider: openai-default }]'), 'tarsy.yaml:1:145: agent_chains.c.stages.0.sub_agents.0.llm_provider'], // prettier-ignore
    [agent('llm_provider: openai-default'), 'tarsy.yaml:1:106: agent_chains.c.stages.0.agents.0.llm_provider'],
    [agent('fallback_providers: [{ provider: openai-default, backend: langchain }]'), 'tarsy.yaml:1:125: agent_chains.c.stages.0.agents.0.fallback_providers.0.provider'], // prettier-ignore
  ])('must be there for a provider that is referred to: %s', (tarsy, place) => {
    expect(problemsOf(tarsy, CHECKED)).toEqual([
      `${place}: LLM provider "openai-default" needs what is not set in the environment: OPENAI_API_KEY`,
    ]);
    expect(problemsOf(tarsy, { ...CHECKED, environment: { OPENAI_API_KEY: 'key' } })).toEqual([]);
  });

  it('are not asked for where only the summary refers to the provider, or nobody asks for the check', () => {
    expect(problemsOf(chain('executive_summary_provider: openai-default'), CHECKED)).toEqual([]);
    expect(problemsOf('defaults: { llm_provider: openai-default }')).toEqual([]);
  });

  it('of Vertex AI are three', () => {
    const files = { tarsy: 'defaults: { llm_provider: v }', providers: VERTEX };
    expect(problemsOf(files, { ...CHECKED, environment: { PROJECT: 'p' } })).toEqual([
      'tarsy.yaml:1:27: defaults.llm_provider: LLM provider "v" needs what is not set in the environment: CREDENTIALS, LOCATION',
    ]);
  });

  it('of Slack are needed when it is enabled', () => {
    expect(problemsOf('system: { slack: { enabled: true, channel: C1, token_env: MY_TOKEN } }', CHECKED)).toEqual([
      'tarsy.yaml:1:59: system.slack.token_env: the environment variable MY_TOKEN is not set',
    ]);
  });

  it('of embeddings are only warned of', () => {
    const tarsy = 'defaults: { memory: { enabled: true }, scoring: { enabled: true } }';
    expect(warningsOf(tarsy, CHECKED)).toEqual([
      'tarsy.yaml:1:21: defaults.memory.embedding.api_key_env: the environment variable GOOGLE_API_KEY is not set',
    ]);
    expect(load(tarsy, { ...CHECKED, environment: { GOOGLE_API_KEY: 'key' } }).warnings).toEqual([]);
  });
});
