import { loadConfiguration } from '@tarsy/config';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { APPS, environmentOf, type App } from './service-plan.js';

const directory = mkdtempSync(join(tmpdir(), 'tarsy-plan-'));
writeFileSync(
  join(directory, 'tarsy.yaml'),
  `
system: { slack: { enabled: true, channel: C1, token_env: MY_SLACK_TOKEN } }
mcp_servers:
  deploys: { transport: { type: http, url: "https://deploys.example.com/mcp", bearer_token: "{{.DEPLOYS_TOKEN}}" } }
`,
);
writeFileSync(
  join(directory, 'llm-providers.yaml'),
  'llm_providers: { mine: { type: openai, model: one, api_key_env: MY_MODEL_KEY } }',
);

const machine = {
  PATH: '/bin',
  HOME: '/nowhere',
  MY_SLACK_TOKEN: 'slack-token',
  MY_MODEL_KEY: 'model-key',
  DEPLOYS_TOKEN: 'deploys-token',
  INGEST_TOKEN: 'ingest-token',
  GITHUB_TOKEN: 'github-token',
  AWS_SECRET_ACCESS_KEY: 'of-the-person-at-the-keyboard',
};

const environmentWith = (app: App, more: NodeJS.ProcessEnv = {}): Record<string, string> =>
  environmentOf(app, `${app}-1`, {
    replicas: {},
    namespace: 'tarsy',
    configuration: loadConfiguration({ directory, environment: { ...machine, ...more } }),
    servers: {
      natsUrl: 'nats://operator',
      natsUrlOf: (identity) => `nats://${identity}@nats`,
      databaseUrl: 'postgres://owner',
      databaseReaderUrl: 'postgres://reader',
      databaseAdministratorUrl: 'postgres://administrator',
      redisUrl: 'redis://redis',
    },
    defaultProvider: undefined,
    modelEnvironment: {},
    dashboardDirectory: undefined,
    environment: { ...machine, ...more },
  });

const appsThatSee = (value: string): App[] =>
  APPS.filter((app) => Object.values(environmentWith(app)).some((one) => one.includes(value)));

describe(environmentOf.name, () => {
  it.each<[string, App[]]>([
    ['nats://operator', []],
    ...APPS.map((app): [string, App[]] => [`nats://${app}@nats`, [app]]),
    ['postgres://owner', ['chain-runner']],
    ['postgres://reader', ['stream-gateway']],
    ['postgres://administrator', []],
    ['redis://redis', ['mcp-broker', 'agent-worker', 'ingest']],
    ['slack-token', ['notifier']],
    ['model-key', ['agent-worker']],
    ['deploys-token', ['mcp-broker']],
    ['ingest-token', ['ingest']],
    ['github-token', ['mcp-broker', 'agent-worker']],
    ['of-the-person-at-the-keyboard', []],
  ])('shows %s to nobody but those who need it', (secret, apps) => {
    expect(appsThatSee(secret)).toEqual(apps);
  });

  it('tells a service that calls out to use the proxy that is set', () => {
    const proxied = { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'localhost' };
    for (const app of ['agent-worker', 'mcp-broker', 'notifier'] as const) {
      expect(environmentWith(app, proxied)).toMatchObject({ ...proxied, NODE_USE_ENV_PROXY: '1' });
      expect(environmentWith(app)).not.toHaveProperty('NODE_USE_ENV_PROXY');
    }
    expect(environmentWith('stream-gateway', proxied)).not.toHaveProperty('HTTPS_PROXY');
  });

  it('gives every service the settings of traces', () => {
    const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    for (const app of APPS) expect(environmentWith(app, traced)).toMatchObject(traced);
  });
});
