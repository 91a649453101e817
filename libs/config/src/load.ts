import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import type { z } from 'zod';
import { BUILT_IN_AGENTS, builtInChainsBeside } from './built-in/agents-and-chains.js';
import { builtInMcpServers } from './built-in/mcp-servers.js';
import { builtInProviders, PLAYBOOK_PROVIDER } from './built-in/providers.js';
import type { Configuration } from './configuration.js';
import { agentDefinitionOf } from './definitions/agents.js';
import { chainDefinitionOf } from './definitions/chains.js';
import { defaultsOf } from './definitions/defaults.js';
import { mcpServerDefinitionOf } from './definitions/mcp-servers.js';
import { providerDefinitionOf } from './definitions/providers.js';
import { queueSettingsOf } from './definitions/queue.js';
import { systemSettingsOf } from './definitions/system.js';
import { fillIn } from './fill-in.js';
import { originsIn, PROVIDER_VARIABLE } from './origins.js';
import { ConfigurationError, type Problem } from './problems.js';
import { providersFileSchema, tarsyFileSchema, type TarsyFile } from './schema/files.js';
import { readSkills } from './skills.js';
import { check } from './source/check.js';
import { decode } from './source/decode.js';
import { ProblemList, PROVIDERS_FILE, TARSY_FILE } from './source/problem-list.js';
import { YamlFile, YamlFileError } from './source/yaml-file.js';
import { checkEnvironment } from './validate/environment.js';
import { withoutZeros } from './validate/queue.js';
import { validate } from './validate/validate.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadOptions {
  /** Default: `CONFIG_DIR`, else the shipped `config/`. */
  readonly directory?: string;
  /** Default: `process.env`. */
  readonly environment?: Environment;
  /**
   * Leave `{{.NAME}}` as it is where the variable is not set, instead of nothing. For services that are not given the secrets of tool
   * servers: a required field that is filled elsewhere must not look empty to them. Default false.
   */
  readonly keepUnset?: boolean;
  /**
   * Whether the variables that hold credentials must be set: those of providers that something refers to, and Slack's. Default false:
   * each service is given only its own.
   */
  readonly checkCredentials?: boolean;
}

const SHIPPED_DIRECTORY = fileURLToPath(new URL('../../../config', import.meta.url));

/** Where {@link loadConfiguration} reads from. */
export function configurationDirectory({ directory, environment = process.env }: LoadOptions = {}): string {
  return resolve(directory ?? (environment['CONFIG_DIR'] || SHIPPED_DIRECTORY));
}

/**
 * Reads `tarsy.yaml`, `llm-providers.yaml` and `skills/`, merges the built-ins, fills defaults and checks everything.
 * @throws {ConfigurationError} with every problem found, not just the first
 */
export function loadConfiguration(options: LoadOptions = {}): Configuration {
  const given = options.environment ?? process.env;
  const directory = configurationDirectory(options);
  const environment = { ...dotEnv(directory), ...given };
  const problems = new ProblemList();
  const read = (name: string): YamlFile | undefined => readFile(directory, name, environment, options, problems);
  const files = { tarsy: read(TARSY_FILE), providers: read(PROVIDERS_FILE) };
  const kubeconfig = findKubeconfig(environment);
  const written = checkTarsyFile(files.tarsy, kubeconfig, problems);
  const providers = checkProvidersFile(files.providers, environment, problems);

  const skillProblems: Problem[] = [];
  const skills = readSkills(directory, skillProblems);
  problems.add(...skillProblems);
  if (files.tarsy) {
    const checked = {
      tarsy: written,
      // A name of a file that can not be read would look wrong wherever it is used.
      providers: files.providers ? providers.llm_providers : undefined,
      skillNames: skillProblems.length === 0 ? new Set(Object.keys(skills)) : undefined,
    };
    validate(checked, problems);
    if (options.checkCredentials) checkEnvironment(checked, environment, problems);
  }
  if (problems.hasErrors) throw new ConfigurationError(problems.all);

  const tarsy = fillIn(written);
  const ownKubernetes = files.tarsy?.locateExactly(['mcp_servers', 'kubernetes-server']);
  const unavailable =
    ownKubernetes || kubeconfig ? undefined : 'no kubeconfig: set KUBECONFIG or create ~/.kube/config';
  const defaults = defaultsOf(tarsy.defaults);
  const overriding = environment[PROVIDER_VARIABLE] || undefined;
  const provider = overriding ?? defaults.provider ?? PLAYBOOK_PROVIDER;
  return deepFreeze({
    directory,
    system: systemSettingsOf(tarsy.system),
    queue: queueSettingsOf(tarsy.queue),
    defaults: { ...defaults, provider },
    agents: mapValues(tarsy.agents, agentDefinitionOf),
    chains: mapValues(tarsy.agent_chains, chainDefinitionOf),
    mcpServers: mapValues(tarsy.mcp_servers, (server, id) => mcpServerDefinitionOf(server, id === 'kubernetes-server' ? unavailable : undefined)), // prettier-ignore
    llmProviders: mapValues(providers.llm_providers, providerDefinitionOf),
    skills,
    warnings: problems.all,
    effective: {
      sections: { ...tarsy, ...providers, defaults: { ...tarsy.defaults, llm_provider: provider } },
      originOf: originsIn(files, overriding !== undefined),
    },
  });
}

function readFile(
  directory: string,
  name: string,
  environment: Environment,
  { keepUnset = false }: LoadOptions,
  problems: ProblemList,
): YamlFile | undefined {
  try {
    const file = YamlFile.read(directory, name, environment, keepUnset);
    problems.addFile(file);
    return file;
  } catch (error) {
    if (!(error instanceof YamlFileError)) throw error;
    problems.add({ severity: 'error', file: name, ...error.position, component: '', id: '', field: '', message: error.message }); // prettier-ignore
    return undefined;
  }
}

function checkTarsyFile(file: YamlFile | undefined, kubeconfig: string | undefined, problems: ProblemList): TarsyFile {
  const own = file ? decode(file, tarsyFileSchema, problems) : {};
  return checked(tarsyFileSchema, problems, {
    ...own,
    ...('queue' in own ? { queue: withoutZeros(own['queue'], problems) } : {}),
    agents: { ...BUILT_IN_AGENTS, ...(own['agents'] as object) },
    agent_chains: {
      ...builtInChainsBeside((own['agent_chains'] ?? {}) as Record<string, unknown>),
      ...(own['agent_chains'] as object),
    },
    mcp_servers: { ...builtInMcpServers(kubeconfig), ...(own['mcp_servers'] as object) },
  });
}

function checkProvidersFile(
  file: YamlFile | undefined,
  environment: Environment,
  problems: ProblemList,
): z.output<typeof providersFileSchema> {
  const own = file ? decode(file, providersFileSchema, problems) : {};
  const builtIn = builtInProviders(environment['OLLAMA_MODEL'] || undefined);
  return checked(providersFileSchema, problems, { llm_providers: { ...builtIn, ...(own['llm_providers'] as object) } });
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  problems: ProblemList,
  value: Record<string, unknown>,
): z.output<Schema> {
  return check(schema, value, (path, message) => problems.error(path, message));
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

function dotEnv(directory: string): Environment {
  const path = join(directory, '.env');
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
}

function findKubeconfig(environment: Environment): string | undefined {
  const path = environment['KUBECONFIG'] || join(environment['HOME'] || homedir(), '.kube', 'config');
  return existsSync(path) ? path : undefined;
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
