import { loadConfiguration } from '@tarsy/config';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
      },
    });
  });
});
