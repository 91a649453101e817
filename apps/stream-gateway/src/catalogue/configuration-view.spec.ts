import { loadConfiguration } from '@tarsy/config';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { configurationView } from './configuration-view.js';

const directory = mkdtempSync(join(tmpdir(), 'tarsy-view-'));
mkdirSync(join(directory, 'skills'));
writeFileSync(join(directory, 'skills', 's.md'), '---\nname: s\ndescription: d\n---\nbody');
writeFileSync(join(directory, 'llm-providers.yaml'), '');
writeFileSync(
  join(directory, 'tarsy.yaml'),
  `
queue: { session_timeout: 90m }
system:
  cost_estimation:
    promotions:
      - { id: now, model: m, start: 2026-01-01, end: 2026-02-01, input_per_million: 1 }
      - { model: n, start: 2026-03-01, end: 2026-04-01 }
      - { model: o, end: 2025-01-01 }
mcp_servers:
  m:
    transport:
      type: http
      url: "https://user:hunter2@tools.example/mcp?key=hunter2"
      bearer_token: hunter2
      custom_headers: { X-B: hunter2, X-A: hunter2 }
      timeout: 5
    data_masking: { enabled: true, custom_patterns: [{ pattern: x, replacement: y }] }
  n: { transport: { type: stdio, command: tool, args: [--key, hunter2], env: { KEY: hunter2 } } }
`,
);
afterAll(() => rmSync(directory, { recursive: true }));

describe(configurationView.name, () => {
  const view = configurationView(
    loadConfiguration({ directory, environment: { HOME: '/nowhere' } }),
    { source: 'snapshot', entry_count: 12, last_error: 'HTTP 404' },
    Date.parse('2026-01-15T00:00:00Z'),
  );

  it('has every section, with the keys of the files', () => {
    expect(Object.keys(view).toSorted()).toEqual([
      'agents',
      'chains',
      'defaults',
      'llm_providers',
      'mcp_servers',
      'queue',
      'skills',
      'system',
    ]);
    expect(Object.keys(view.queue)).toHaveLength(10);
    expect(view.queue).toMatchObject({ session_timeout: '1h30m', max_concurrent_sessions: 5 });
    expect(view.skills).toEqual({ s: { name: 's', description: 'd' } });
    expect(view.chains['host']).toMatchObject({ stages: [{ name: 'analysis' }] });
  });

  it('names what is set for a tool server and shows no secret', () => {
    expect(JSON.stringify(view)).not.toContain('hunter2');
    expect(view.mcp_servers).toMatchObject({
      m: {
        transport: {
          type: 'http',
          url: 'https://tools.example/mcp',
          verify_ssl: true,
          timeout: 5,
          custom_header_keys: ['X-A', 'X-B'],
          bearer_token_set: true,
        },
        data_masking: { Enabled: true, PatternGroups: [], CustomPatterns: [{ Pattern: 'x', Replacement: 'y' }] },
      },
      n: { transport: { command: 'tool', args: ['***'], env_keys: ['KEY'], bearer_token_set: false } },
    });
  });

  it('says which promotion applies now', () => {
    expect(view.system).toMatchObject({
      cost_estimation: {
        promotions: [{ id: 'now', status: 'active' }, { status: 'upcoming' }, { status: 'expired' }],
        catalog: { source: 'snapshot', entry_count: 12, last_error: 'HTTP 404' },
      },
    });
  });

  it('has each field of the example with every key, and no value of a variable', () => {
    const examples = fileURLToPath(new URL('../../../../config/examples/every-key', import.meta.url));
    const environment = { HOME: '/nowhere', METRICS_TOKEN: 'hunter2' };
    const all = configurationView(
      loadConfiguration({ directory: examples, environment }),
      { source: 'none', entry_count: 0 },
      Date.parse('2026-01-15T00:00:00Z'),
    );
    expect(JSON.stringify(all)).not.toContain('hunter2');
    expect(Object.keys(all.system).toSorted()).toEqual([
      ...['allowed_ws_origins', 'cost_estimation', 'dashboard_url', 'github', 'holidays'],
      ...['retention', 'runbooks', 'slack'],
    ]);
    expect(all.system).toMatchObject({
      dashboard_url: 'https://tarsy.example.com',
      github: { token_env: 'GITHUB_TOKEN' },
      runbooks: { repo_url: 'https://github.com/acme/runbooks/tree/main/sre', cache_ttl: '5m' },
      slack: { enabled: true, token_env: 'SLACK_BOT_TOKEN', channel: 'C0123456789' },
      retention: { session_retention_days: 90, event_ttl: '2h', cleanup_interval: '6h' },
      cost_estimation: {
        enabled: true,
        model_rates: { 'acme-large': { input_per_million: 0.5, output_per_million: 2 } },
        promotions: [{ id: 'launch', model: 'acme-large', start: '2026-01-01', status: 'active' }],
      },
    });
    expect(Object.keys(all.queue).toSorted()).toEqual([
      ...['graceful_shutdown_timeout', 'heartbeat_interval', 'max_concurrent_sessions', 'orphan_detection_interval'],
      ...['orphan_threshold', 'poll_interval', 'poll_interval_jitter', 'scoring_shutdown_timeout'],
      ...['session_timeout', 'worker_count'],
    ]);
    expect(all.mcp_servers['metrics']).toEqual({
      transport: {
        type: 'http',
        url: 'https://mcp.example.com/mcp',
        verify_ssl: true,
        timeout: 30,
        custom_header_keys: ['X-Session-ID'],
        session_cleanup_url: 'https://mcp.example.com/sessions/{{.SESSION_ID}}',
        bearer_token_set: true,
      },
      instructions: 'Prefer range queries.',
      data_masking: {
        Enabled: true,
        PatternGroups: ['secrets'],
        Patterns: ['email'],
        CustomPatterns: [{ Pattern: 'acct-[0-9]+', Replacement: '[ACCOUNT]', Description: 'Account numbers' }],
      },
      summarization: {
        enabled: true,
        size_threshold_tokens: 3000,
        summary_max_token_limit: 800,
        llm_provider: 'gemini-2.5-flash',
        llm_backend: 'google-native',
      },
    });
    expect(all.llm_providers['openai-default']).toMatchObject({ type: 'openai', api_key_env: 'OPENAI_API_KEY' });
    expect(all.defaults).toMatchObject({ max_iterations: 25, alert_type: 'AppDown', scoring: { enabled: true } });
    expect(all.chains['app-incident']).toMatchObject({
      alert_types: ['AppDown', 'AppSlow'],
      stages: [{ name: 'gather', synthesis: { agent: 'SynthesisAgent' } }, { name: 'lead' }, {}, {}],
    });
    expect(all.agents['LogAgent']).toMatchObject({ skills: ['escalation'], required_skills: ['log-basics'] });
    expect(Object.keys(all.skills)).toEqual(['escalation', 'log-basics']);
  });
});
