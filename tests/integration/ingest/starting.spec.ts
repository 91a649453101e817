import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

interface Ended {
  readonly exitCode: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a built service until it ends by itself. */
async function run(app: string, environment: Record<string, string>): Promise<Ended> {
  return await new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(ROOT, 'apps', app, 'dist/main.js')],
      {
        env: {
          PATH: process.env['PATH'],
          NATS_URL: 'nats://127.0.0.1:1',
          DATABASE_URL: 'postgres://127.0.0.1:1/none',
          ...environment,
        },
        timeout: 30_000,
      },
      (error, stdout, stderr) => resolve({ exitCode: error ? error.code : 0, stdout, stderr }),
    );
  });
}

function brokenConfiguration(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tarsy-broken-'));
  writeFileSync(join(directory, 'tarsy.yaml'), 'queue: { worker_count: 51 }\nagents: { A: { max_iterations: 0 } }\n');
  writeFileSync(join(directory, 'llm-providers.yaml'), 'llm_providers: { p: { type: oracle, model: m } }\n');
  return directory;
}

describe('a service that can not start', () => {
  it.each(['ingest', 'chain-runner', 'mcp-broker', 'notifier', 'stream-gateway'])(
    'says all that is wrong with its configuration in one line and exits 1: %s',
    async (app) => {
      const { exitCode, stdout, stderr } = await run(app, { CONFIG_DIR: brokenConfiguration(), TARSY_REPLICA: 'r-1' });
      expect([exitCode, stderr]).toEqual([1, '']);
      expect(stdout.trimEnd().split('\n')).toHaveLength(1);
      const { time: _time, ...line } = JSON.parse(stdout) as Record<string, unknown>;
      expect(line).toEqual({
        level: 'fatal',
        app,
        replica: 'r-1',
        event: 'service.start-failed',
        code: 'CONFIGURATION_INVALID',
        error: 'the configuration can not be used',
        problems: [
          'tarsy.yaml:1:24: queue.worker_count: must be 1 to 50',
          'tarsy.yaml:2:32: agents.A.max_iterations: must be at least 1',
          'llm-providers.yaml:1:29: llm_providers.p.type: must be google, openai, anthropic, xai, vertexai or playbook',
        ],
      });
    },
  );

  it.each([
    ['ingest', { INGEST_MAX_IN_FLIGHT: 'many' }, 'INGEST_MAX_IN_FLIGHT must be a whole number above 0'],
    ['ingest', { INGEST_TOKENS_FILE: '/nowhere/tokens' }, 'INGEST_TOKENS_FILE can not be read: ENOENT'],
    ['ingest', { HTTP_PORT: 'http' }, 'HTTP_PORT must be a whole number from 0 to 65535'],
  ])('names the variable of its environment that it can not use: %s %j', async (app, environment, error) => {
    const { exitCode, stdout, stderr } = await run(app, environment);
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'service.start-failed', code: 'INVALID_ENVIRONMENT', error });
    expect(JSON.parse(stdout)).not.toHaveProperty('stack');
  });
});
