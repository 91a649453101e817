import type { AlertTypes, DefaultTools } from '@tarsy/contracts';
import { chainIdFor, type ChainDefinition, type Configuration } from '@tarsy/config';
import type { Catalogue } from './catalogue.js';
import { configurationView } from './configuration-view.js';

/** Asks the configuration each time: it may change. */
export function catalogueOf(configuration: Configuration): Catalogue {
  return {
    get alertTypes() {
      return alertTypesOf(configuration);
    },
    get hasRunbooks() {
      return configuration.system.runbooks.repositoryUrl !== '';
    },
    defaultTools: (alertType) => defaultToolsOf(configuration, alertType),
    configuration: (prices) => configurationView(configuration, prices, Date.now()),
    skill: (name) => (Object.hasOwn(configuration.skills, name) ? configuration.skills[name] : undefined),
  };
}

/** Ordered by chain, then as configured. */
function alertTypesOf(configuration: Configuration): AlertTypes {
  const defaultType = configuration.defaults.alertType;
  const chains = Object.entries(configuration.chains).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    alert_types: chains.flatMap(([chainId, { alertTypes, description }]) =>
      alertTypes.map((type) => ({ type, chain_id: chainId, description })),
    ),
    default_chain_id: chainIdFor(configuration, defaultType) ?? '',
    default_alert_type: defaultType,
  };
}

function defaultToolsOf(configuration: Configuration, alertType: string | undefined): DefaultTools {
  const chain = alertType === undefined ? undefined : configuration.chains[chainIdFor(configuration, alertType) ?? ''];
  const servers = chain ? serversOf(configuration, chain) : Object.keys(configuration.mcpServers);
  const provider = configuration.llmProviders[chain?.provider ?? configuration.defaults.provider];
  const isOn = (tool: string): boolean => provider?.nativeTools[tool] ?? false;
  return {
    ...(alertType === undefined ? {} : { alert_type: alertType }),
    mcp_servers: [...new Set(servers)].sort(),
    native_tools: {
      google_search: isOn('google_search'),
      code_execution: isOn('code_execution'),
      url_context: isOn('url_context'),
    },
  };
}

/** The chain's own list, else what its stages use. */
function serversOf(configuration: Configuration, chain: ChainDefinition): readonly string[] {
  if (chain.mcpServers.length > 0) return chain.mcpServers;
  return chain.stages.flatMap((stage) => {
    if (stage.mcpServers.length > 0) return stage.mcpServers;
    return stage.agents.flatMap(({ name, mcpServers }) =>
      mcpServers.length > 0 ? mcpServers : (configuration.agents[name]?.mcpServers ?? []),
    );
  });
}
