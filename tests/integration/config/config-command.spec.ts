import { execa } from 'execa';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const directories: string[] = [];

afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true })));

function directoryWith(tarsy: string, providers = ''): string {
  const directory = mkdtempSync(join(tmpdir(), 'tarsy-config-command-'));
  directories.push(directory);
  writeFileSync(join(directory, 'tarsy.yaml'), tarsy);
  writeFileSync(join(directory, 'llm-providers.yaml'), providers);
  return directory;
}

async function config(
  arguments_: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [join(ROOT, 'tools', 'cli', 'dist', 'main.js'), 'config', ...arguments_],
    {
      cwd: ROOT,
      reject: false,
      extendEnv: false,
      env: { PATH: process.env['PATH'], HOME: '/nowhere', ...environment },
    },
  );
  return { exitCode, stdout, stderr };
}

describe('tarsy config validate', () => {
  it('prints every problem like a compiler and exits 1', async () => {
    const directory = directoryWith(
      'queue: { worker_count: 51 }\nagents:\n  A: { max_iteration: 3, mcp_servers: [hots] }\n',
      'llm_providers: { p: { type: oracle, model: m } }\n',
    );
    const { exitCode, stdout, stderr } = await config(['validate', '--config-dir', directory]);
    expect(stdout.split('\n').toSorted()).toEqual([
      `${directory}/llm-providers.yaml:1:29: error: llm_providers.p.type: must be google, openai, anthropic, xai, vertexai or playbook`,
      `${directory}/tarsy.yaml:1:24: error: queue.worker_count: must be 1 to 50`,
      `${directory}/tarsy.yaml:3:40: error: agents.A.mcp_servers.0: MCP server "hots" is not defined; did you mean "host"?`,
      `${directory}/tarsy.yaml:3:8: warning: agents.A.max_iteration: unknown key; did you mean "max_iterations"?`,
    ]);
    expect([exitCode, stderr]).toEqual([1, `tarsy: ${directory}: 3 errors, 1 warning`]);
  });

  it('asks for the variables that hold credentials, unless told not to', async () => {
    const directory = directoryWith('defaults: { llm_provider: openai-default }\n');
    const missing = `${directory}/tarsy.yaml:1:27: error: defaults.llm_provider: LLM provider "openai-default" needs what is not set in the environment: OPENAI_API_KEY`; // prettier-ignore
    expect(await config(['validate', '--config-dir', directory])).toMatchObject({ exitCode: 1, stdout: missing });
    expect(await config(['validate', '--config-dir', directory, '--ignore-environment'])).toMatchObject({ exitCode: 0, stdout: '' }); // prettier-ignore
    expect(await config(['validate'], { CONFIG_DIR: directory, OPENAI_API_KEY: 'key' })).toMatchObject({ exitCode: 0, stdout: '' }); // prettier-ignore
  });

  it('finds nothing wrong with the shipped files, and exits 0', async () => {
    expect(await config(['validate', '--config-dir', 'config'])).toMatchObject({ exitCode: 0, stdout: '' });
  });
});

describe('tarsy config show', () => {
  it('prints the effective configuration with where each value comes from', async () => {
    const directory = directoryWith('defaults: { max_iterations: 7 }\n');
    const { exitCode, stdout } = await config(['show', '--config-dir', directory, '--section', 'defaults,agents']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('  max_iterations: 7 # tarsy.yaml:1\n');
    expect(stdout).toContain('  alert_type: kubernetes # default\n');
    expect(stdout).toContain('    llm_backend: google-native # built-in\n');
  });

  it('prints JSON with secrets masked', async () => {
    const directory = directoryWith('mcp_servers: { m: { transport: { type: http, url: "http://x", bearer_token: "{{.T}}" } } }'); // prettier-ignore
    const { stdout } = await config(['show', '--json', '--config-dir', directory], { T: 'hunter2' });
    expect(stdout).not.toContain('hunter2');
    expect(JSON.parse(stdout)).toMatchObject({
      sections: { mcp_servers: { m: { transport: { bearer_token: '***' } } } },
      origins: { 'mcp_servers.m.transport.bearer_token': { kind: 'file', file: 'tarsy.yaml', line: 1 } },
    });
  });

  it('refuses a section that does not exist', async () => {
    const { exitCode, stderr } = await config(['show', '--section', 'nothing']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('"nothing" is not one of system, defaults, queue, agents');
  });
});
