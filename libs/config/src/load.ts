import { messageOf } from '@tarsy/core';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import type { z } from 'zod';
import { BUILT_IN_AGENTS, BUILT_IN_CHAINS } from './built-in/agents-and-chains.js';
import { builtInMcpServers } from './built-in/mcp-servers.js';
import { builtInProviders, PLAYBOOK_PROVIDER } from './built-in/providers.js';
import type { Configuration } from './configuration.js';
import { interpolate } from './interpolate.js';
import { ConfigurationError, type Problem } from './problems.js';
import { providersFileSchema, tarsyFileSchema } from './schema/files.js';
import { unknownKeys } from './schema/unknown-keys.js';
import { validateReferences } from './validate.js';

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
}

const SHIPPED_DIRECTORY = fileURLToPath(new URL('../../../config', import.meta.url));

/**
 * Reads `tarsy.yaml` and `llm-providers.yaml`, merges the built-ins, fills defaults and checks everything.
 * @throws {ConfigurationError} with every problem found, not just the first
 */
export function loadConfiguration(options: LoadOptions = {}): Configuration {
  const given = options.environment ?? process.env;
  const directory = resolve(options.directory ?? given['CONFIG_DIR'] ?? SHIPPED_DIRECTORY);
  const environment = { ...dotEnv(directory), ...given };
  const problems: Problem[] = [];
  const fill = (text: string): string => interpolate(text, environment, options.keepUnset);
  const tarsy = readFile(directory, 'tarsy.yaml', fill, problems);
  const providers = readFile(directory, 'llm-providers.yaml', fill, problems);
  if (problems.length > 0) throw new ConfigurationError(problems);

  const kubeconfig = findKubeconfig(environment);
  const sections = check('tarsy.yaml', tarsyFileSchema, {
    ...tarsy,
    agents: { ...BUILT_IN_AGENTS, ...section(tarsy['agents']) },
    agent_chains: { ...BUILT_IN_CHAINS, ...section(tarsy['agent_chains']) },
    mcp_servers: { ...builtInMcpServers(kubeconfig), ...section(tarsy['mcp_servers']) },
  }, problems); // prettier-ignore
  const models = check('llm-providers.yaml', providersFileSchema, {
    ...providers,
    llm_providers: { ...builtInProviders(environment['OLLAMA_MODEL'] || undefined), ...section(providers['llm_providers']) },
  }, problems); // prettier-ignore
  if (!sections || !models) throw new ConfigurationError(problems.filter(({ severity }) => severity === 'error'));

  const userServers = section(tarsy['mcp_servers']);
  const loaded = {
    directory,
    system: sections.system,
    queue: sections.queue,
    defaults: {
      ...sections.defaults,
      provider: environment['TARSY_DEFAULT_PROVIDER'] || sections.defaults.provider || PLAYBOOK_PROVIDER,
    },
    agents: sections.agents,
    chains: sections.agent_chains,
    mcpServers: Object.fromEntries(
      Object.entries(sections.mcp_servers).map(([id, server]) => [
        id,
        id === 'kubernetes-server' && !userServers[id] && !kubeconfig
          ? { ...server, unavailableBecause: 'no kubeconfig: set KUBECONFIG or create ~/.kube/config' }
          : server,
      ]),
    ),
    llmProviders: models.llm_providers,
  };
  problems.push(...validateReferences(loaded));
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new ConfigurationError(errors);
  return deepFreeze({ ...loaded, warnings: problems });
}

function readFile(
  directory: string,
  file: string,
  fill: (text: string) => string,
  problems: Problem[],
): Record<string, unknown> {
  const path = join(directory, file);
  const fail = (message: string): Record<string, unknown> => {
    problems.push({ severity: 'error', file, component: '', id: '', field: '', message });
    return {};
  };
  if (!existsSync(path)) return fail(`configuration file not found in ${directory}`);
  try {
    const content: unknown = parse(fill(readFileSync(path, 'utf8'))) ?? {};
    if (typeof content === 'object' && content !== null && !Array.isArray(content))
      return content as Record<string, unknown>;
    return fail('invalid YAML syntax: the top level must be a mapping');
  } catch (error) {
    return fail(`invalid YAML syntax: ${messageOf(error).split('\n')[0]}`);
  }
}

/** A section that is present but empty (`agents:`) is an empty one. */
function section(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function check<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  content: Record<string, unknown>,
  problems: Problem[],
): z.output<Schema> | undefined {
  const value = Object.fromEntries(Object.entries(content).filter(([, item]) => item !== null));
  for (const { path, key, nearest } of unknownKeys(schema, value))
    problems.push({
      severity: 'warning',
      file,
      ...place([...path, key]),
      message: nearest ? `unknown key; did you mean "${nearest}"?` : 'unknown key',
    });
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues)
    problems.push({ severity: 'error', file, ...place(issue.path.map(String)), message: issue.message });
  return undefined;
}

/** Sections that are maps by name have an id; the others have none. */
const NAMED_SECTIONS = new Set(['agents', 'agent_chains', 'mcp_servers', 'llm_providers']);

function place(path: readonly (string | number)[]): Pick<Problem, 'component' | 'id' | 'field'> {
  const [component = '', ...rest] = path.map(String);
  return NAMED_SECTIONS.has(component)
    ? { component, id: rest[0] ?? '', field: rest.slice(1).join('.') }
    : { component, id: '', field: rest.join('.') };
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
