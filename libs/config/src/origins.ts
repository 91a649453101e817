import { BUILT_IN_AGENTS, BUILT_IN_CHAINS } from './built-in/agents-and-chains.js';
import { builtInMcpServers } from './built-in/mcp-servers.js';
import { builtInProviders } from './built-in/providers.js';
import type { Effective } from './effective.js';
import { fileOf, PROVIDERS_FILE } from './source/problem-list.js';
import type { Path, YamlFile } from './source/yaml-file.js';

/** Overrides `defaults.llm_provider`. */
export const PROVIDER_VARIABLE = 'TARSY_DEFAULT_PROVIDER';

const BUILT_IN: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  agents: BUILT_IN_AGENTS,
  agent_chains: BUILT_IN_CHAINS,
  mcp_servers: builtInMcpServers(undefined),
  llm_providers: builtInProviders(),
};

/** Tells where each value comes from. */
export function originsIn(
  files: { readonly tarsy: YamlFile | undefined; readonly providers: YamlFile | undefined },
  isProviderOverridden: boolean,
): Effective['originOf'] {
  return (path) => {
    if (isProviderOverridden && path.join('.') === 'defaults.llm_provider')
      return { kind: 'environment', variable: PROVIDER_VARIABLE };
    const file = fileOf(path) === PROVIDERS_FILE ? files.providers : files.tarsy;
    const position = file?.locateExactly(path);
    if (file && position) return { kind: 'file', file: file.name, line: position.line };
    const isReplaced = file?.locateExactly(path.slice(0, 2)) !== undefined;
    return { kind: !isReplaced && valueAt(BUILT_IN, path) !== undefined ? 'built-in' : 'default' };
  };
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], root);
}
