import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration, type Configuration } from '@tarsy/config';
import { describe, expect, it } from 'vitest';
import { catalogueOf } from './catalogue-of-configuration.js';

function configurationOf(yaml: string): Configuration {
  const directory = mkdtempSync(join(tmpdir(), 'tarsy-catalogue-'));
  writeFileSync(join(directory, 'tarsy.yaml'), yaml);
  writeFileSync(join(directory, 'llm-providers.yaml'), '');
  return loadConfiguration({ directory, environment: { HOME: '/nowhere' } });
}

const CONFIGURATION = configurationOf(`
defaults: { alert_type: DiskFull }
agent_chains:
  disks:
    alert_types: [DiskFull, DiskSlow]
    description: Disks
    mcp_servers: [host]
    stages: [{ name: look, agents: [{ name: GeneralWorker }] }]
  both:
    alert_types: [Both]
    llm_provider: google-default
    stages: [{ name: look, agents: [{ name: HostAgent }, { name: KubernetesAgent }] }]
`);

describe(catalogueOf.name, () => {
  it('lists alert types by chain, then as configured', () => {
    const { alert_types, ...defaults } = catalogueOf(CONFIGURATION).alertTypes;
    expect(defaults).toEqual({ default_chain_id: 'disks', default_alert_type: 'DiskFull' });
    expect(alert_types.filter(({ chain_id }) => chain_id !== 'host')).toEqual([
      { type: 'Both', chain_id: 'both', description: '' },
      { type: 'DiskFull', chain_id: 'disks', description: 'Disks' },
      { type: 'DiskSlow', chain_id: 'disks', description: 'Disks' },
      { type: 'kubernetes', chain_id: 'kubernetes', description: 'Kubernetes investigation' },
    ]);
  });

  it("gives an alert its chain's servers, else those of its stages", () => {
    const { defaultTools } = catalogueOf(CONFIGURATION);
    expect(defaultTools('DiskFull')).toMatchObject({ alert_type: 'DiskFull', mcp_servers: ['host'] });
    expect(defaultTools('Both').mcp_servers).toEqual(['host', 'kubernetes-server']);
  });

  it("gives an alert the model's own tools as the provider of its chain has them", () => {
    const { defaultTools } = catalogueOf(CONFIGURATION);
    const none = { google_search: false, code_execution: false, url_context: false };
    expect(defaultTools('DiskFull').native_tools).toEqual(none);
    expect(defaultTools('Both').native_tools).toEqual({ ...none, google_search: true, url_context: true });
    expect(defaultTools(undefined)).toEqual({ mcp_servers: expect.any(Array) as unknown, native_tools: none });
  });

  it('knows whether there are runbooks to list', () => {
    expect(catalogueOf(CONFIGURATION).hasRunbooks).toBe(false);
    const repository = 'https://github.com/acme/runbooks';
    expect(catalogueOf(configurationOf(`system: { runbooks: { repo_url: '${repository}' } }`)).hasRunbooks).toBe(true);
  });

  it('gives an unknown type, or none, every server', () => {
    const every = Object.keys(CONFIGURATION.mcpServers).sort();
    const { defaultTools } = catalogueOf(CONFIGURATION);
    expect(defaultTools(undefined).mcp_servers).toEqual(every);
    expect(defaultTools('Nonsense').mcp_servers).toEqual(every);
  });
});
