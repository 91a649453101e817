import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { load } from '../configuration.fixture.js';
import { shownAsYaml, shownConfiguration } from './show.js';

const TOKEN = 'abcdefghijklmnopqrstuvwxyz123456';
const CONFIGURATION = load(
  {
    tarsy: `
defaults: { max_iterations: 7 }
mcp_servers:
  m:
    transport:
      type: http
      url: "https://user:secret@tools.example/mcp?key=secret"
      bearer_token: "{{.TOOLS_TOKEN}}"
      custom_headers: { X-Key: secret, X-Empty: "" }
  n: { transport: { type: stdio, command: x, args: [--token, secret], env: { KEY: secret } } }
agents:
  A: { custom_instructions: "token: ${TOKEN}", description: "${'words '.repeat(50)} password=secret99" }
`,
    others: { 'skills/s.md': '---\nname: s\ndescription: d\n---\nbody' },
  },
  { environment: { TOOLS_TOKEN: 'secret', TARSY_DEFAULT_PROVIDER: 'openai-default' } },
);

describe(shownConfiguration.name, () => {
  const { sections, origins } = shownConfiguration(CONFIGURATION);

  it('says where each value comes from', () => {
    expect(origins['defaults.max_iterations']).toEqual({ kind: 'file', file: 'tarsy.yaml', line: 2 });
    expect(origins['defaults.llm_backend']).toEqual({ kind: 'default' });
    expect(origins['defaults.llm_provider']).toEqual({ kind: 'environment', variable: 'TARSY_DEFAULT_PROVIDER' });
    expect(origins['agents.WebResearcher.native_tools.google_search']).toEqual({ kind: 'built-in' });
    expect(origins['agents.WebResearcher.max_iterations']).toBeUndefined();
    expect(origins['llm_providers.openai-default.model']).toEqual({ kind: 'built-in' });
    expect(origins['mcp_servers.m.transport.verify_ssl']).toEqual({ kind: 'default' });
  });

  it('hides secrets and what looks like one, but not what is set', () => {
    expect(JSON.stringify(sections)).not.toMatch(/secret(?!s)/);
    expect(JSON.stringify(sections)).not.toContain(TOKEN);
    expect(sections.mcp_servers).toMatchObject({
      m: {
        transport: {
          url: 'https://tools.example/mcp',
          bearer_token: '***',
          custom_headers: { 'X-Key': '***', 'X-Empty': '' },
        },
      },
      n: { transport: { args: ['***', '***'], env: { KEY: '***' } } },
    });
    expect(sections.agents).toMatchObject({ A: { custom_instructions: '***' } });
    expect(sections.llm_providers).toMatchObject({ 'openai-default': { api_key_env: 'OPENAI_API_KEY' } });
  });

  it('shows only the sections that are asked for', () => {
    expect(Object.keys(shownConfiguration(CONFIGURATION, ['queue']).sections)).toEqual(['queue']);
    expect(shownConfiguration(CONFIGURATION, ['skills']).sections).toEqual({
      skills: { s: { name: 's', description: 'd' } },
    });
  });
});

describe(shownAsYaml.name, () => {
  it('is YAML with each origin as a comment', () => {
    const text = shownAsYaml(CONFIGURATION);
    expect(parse(text)).toEqual(shownConfiguration(CONFIGURATION).sections);
    expect(text).toContain('max_iterations: 7 # tarsy.yaml:2\n');
    expect(text).toContain('llm_provider: openai-default # environment: TARSY_DEFAULT_PROVIDER\n');
    expect(text).toContain('allowed_ws_origins: [] # default\n');
  });
});
