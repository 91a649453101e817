import type { Path } from '../source/yaml-file.js';
import type { Checked, Report } from './checked.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that must be set: credentials of providers that something refers to, and Slack's token. */
export function checkEnvironment(checked: Checked, environment: Environment, report: Report): void {
  for (const [name, path] of referencedProviders(checked)) {
    const provider = checked.providers?.[name];
    if (!provider) continue;
    const { api_key_env: key, credentials_env: credentials, project_env: project, location_env: location } = provider;
    const needed = provider.type === 'vertexai' ? [credentials, project, location] : [key];
    const missing = needed.filter((variable) => variable && !environment[variable]);
    if (missing.length > 0)
      report.error(path, `LLM provider "${name}" needs what is not set in the environment: ${missing.join(', ')}`);
  }
  const { slack } = checked.tarsy.system;
  if (slack.enabled && !environment[slack.token_env])
    report.error(['system', 'slack', 'token_env'], `the environment variable ${slack.token_env} is not set`);
  const { enabled, embedding } = checked.tarsy.defaults.memory;
  if (enabled && !environment[embedding.api_key_env])
    report.warning(
      ['defaults', 'memory', 'embedding', 'api_key_env'],
      `the environment variable ${embedding.api_key_env} is not set`,
    );
}

/** By name, with the first place that refers to it. `executive_summary_provider` does not count. */
function referencedProviders({ tarsy }: Checked): Map<string, Path> {
  const found = new Map<string, Path>();
  const visit = (value: unknown, path: Path): void => {
    if (Array.isArray(value)) return value.forEach((item, index) => visit(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      const below = [...path, key];
      const isReference = key === 'llm_provider' || (key === 'provider' && path.at(-2) === 'fallback_providers');
      if (isReference && typeof item === 'string' && item && !found.has(item)) found.set(item, below);
      else visit(item, below);
    }
  };
  visit(tarsy.defaults, ['defaults']);
  visit(tarsy.agent_chains, ['agent_chains']);
  visit(tarsy.mcp_servers, ['mcp_servers']);
  return found;
}
