export const BUILT_IN_AGENTS: Readonly<Record<string, unknown>> = {
  KubernetesAgent: {
    description: 'Investigates Kubernetes clusters: pods, events, logs, resources',
    mcp_servers: ['kubernetes-server'],
  },
  HostAgent: {
    description: 'Investigates the machine it runs on: CPU, memory, disks, processes, ports, logs, HTTP endpoints',
    mcp_servers: ['host'],
  },
  ChatAgent: { description: 'Answers follow-up questions about an investigation' },
  SynthesisAgent: {
    type: 'synthesis',
    description: 'Merges the results of parallel agents',
    custom_instructions:
      'Weigh the parallel results critically. Prefer what is backed by tool output. Where agents disagree, say so, ' +
      'say which evidence decides, and do not average contradictions away. An agent that failed is missing evidence.',
  },
  ExecSummaryAgent: { type: 'exec_summary', description: 'Condenses an analysis to a few lines' },
  ScoringAgent: { type: 'scoring', description: 'Judges the quality of an investigation' },
  WebResearcher: {
    description: 'Searches the web and reads pages',
    llm_backend: 'google-native',
    native_tools: { google_search: true, url_context: true, code_execution: false },
  },
  CodeExecutor: {
    description: 'Computes by running code',
    llm_backend: 'google-native',
    native_tools: { google_search: false, url_context: false, code_execution: true },
  },
  GeneralWorker: { description: 'Reasons without tools' },
};

interface BuiltInChain {
  readonly alert_types: readonly string[];
  readonly [key: string]: unknown;
}

/** The chain that TARSy itself has not: files that were written for TARSy know nothing of its alert types. */
const OWN_CHAIN = 'host';

export const BUILT_IN_CHAINS: Readonly<Record<string, BuiltInChain>> = {
  kubernetes: {
    alert_types: ['kubernetes'],
    description: 'Kubernetes investigation',
    stages: [{ name: 'analysis', agents: [{ name: 'KubernetesAgent' }] }],
  },
  [OWN_CHAIN]: {
    alert_types: ['host', 'HostDiskPressure', 'HostHighCpu', 'HostMemoryPressure', 'EndpointDown'],
    description: 'Investigation of the machine that TARSy runs on, and of HTTP endpoints it may reach',
    stages: [{ name: 'analysis', agents: [{ name: 'HostAgent' }] }],
  },
};

/** Built-in chains beside those of a file: an alert type that the file gives to a chain of its own is taken from ours. */
export function builtInChainsBeside(chains: Readonly<Record<string, unknown>>): Record<string, BuiltInChain> {
  const claimed = new Set(Object.values(chains).flatMap((chain) => (chain as Partial<BuiltInChain>).alert_types ?? []));
  const { [OWN_CHAIN]: own, ...others } = BUILT_IN_CHAINS;
  const left = own!.alert_types.filter((type) => !claimed.has(type));
  return left.length > 0 ? { ...others, [OWN_CHAIN]: { ...own!, alert_types: left } } : { ...others };
}
