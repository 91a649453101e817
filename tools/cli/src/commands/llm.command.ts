import { loadConfiguration, PriceList, type Configuration } from '@tarsy/config';
import type { ModelReference } from '@tarsy/contracts';
import { checkModel, type ModelCheck } from '@tarsy/llm';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.js';
import { firstOllamaModel, missingVariable } from '../system/model-choice.js';
import { say, table } from './output.js';

interface Options {
  readonly configDir?: string;
  readonly json?: boolean;
}

export function addLlmCommand(program: Command): void {
  program
    .command('llm')
    .description('looks after models')
    .command('check [provider]')
    .description(
      'makes one small call with one tool to each provider whose credentials are there; exits 1 when one fails',
    )
    .option('--config-dir <dir>', 'folder with tarsy.yaml and llm-providers.yaml (default: the shipped config/)')
    .option('--json', 'results as JSON')
    .action(check);
}

async function check(name: string | undefined, { configDir, json }: Options): Promise<void> {
  const configuration = loadConfiguration({ ...(configDir === undefined ? {} : { directory: configDir }), environment: process.env, keepUnset: true }); // prettier-ignore
  const references = await chosen(configuration, name);
  const signal = new AbortController().signal;
  const checks = await Promise.all(references.map((reference) => checkModel(reference, process.env, signal)));
  const prices = new PriceList(configuration.system.costEstimation);
  if (json)
    console.log(JSON.stringify(checks.map((result) => ({ ...result, costUsd: costOf(result, prices) })), undefined, 2)); // prettier-ignore
  else show(checks, prices);
  if (checks.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
}

/** The one that is named, or all whose credentials are there. The offline analyst makes no calls, and not everybody runs Ollama. */
async function chosen({ llmProviders }: Configuration, name: string | undefined): Promise<ModelReference[]> {
  const all = Object.entries(llmProviders).map(([provider, definition]) => ({ ...definition, provider, backend: 'langchain' as const })); // prettier-ignore
  if (name !== undefined) {
    const named = all.find(({ provider }) => provider === name);
    if (named === undefined) throw new CliError(`there is no provider "${name}"; known: ${Object.keys(llmProviders).sort().join(', ')}`); // prettier-ignore
    return [named];
  }
  const hasOllama = (await firstOllamaModel()) !== undefined;
  const models = all.filter(
    ({ type, provider }) => type !== 'playbook' && (provider !== 'ollama-default' || hasOllama),
  );
  const ready = models.filter((model) => missingVariable(model, process.env) === undefined);
  const left = models.filter((model) => !ready.includes(model));
  if (left.length > 0) {
    const variables = [...new Set(left.map((model) => missingVariable(model, process.env)))].sort();
    say(`left out ${left.length} providers, because these are not set: ${variables.join(', ')}`);
  }
  if (ready.length === 0) say('no provider to check; the offline analyst (rules, no model) needs none');
  return ready;
}

function show(checks: readonly ModelCheck[], prices: PriceList): void {
  const yes = (value: boolean): string => (value ? 'yes' : '-');
  const rows = checks.map((result) => {
    const cost = costOf(result, prices);
    return [
      result.provider,
      result.model,
      yes(result.isReachable),
      yes(result.streams),
      yes(result.callsTools),
      yes(result.thinks),
      result.firstTokenMs === undefined ? '-' : `${result.firstTokenMs} ms`,
      cost === undefined ? '-' : `$${cost.toFixed(6)}`,
    ];
  });
  if (checks.length > 0)
    console.log(table(['provider', 'model', 'reachable', 'streams', 'tools', 'thinks', 'first token', 'cost'], rows));
  for (const { provider, problem } of checks) if (problem !== undefined) console.log(`\n${provider}: ${problem}`);
}

const costOf = ({ model, usage }: ModelCheck, prices: PriceList): number | undefined =>
  prices.costOf(model, usage, Date.now());
