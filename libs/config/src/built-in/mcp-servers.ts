/** Command word that mcp-broker replaces by its own Node.js and the shipped host server. */
export const HOST_SERVER_COMMAND = 'tarsy:host';

/** `kubeconfig`: path of a kubeconfig file; undefined where there is none, and the server is then not started. */
export function builtInMcpServers(kubeconfig: string | undefined): Readonly<Record<string, unknown>> {
  return {
    host: {
      transport: { type: 'stdio', command: HOST_SERVER_COMMAND, args: [] },
      instructions:
        'The tools of this server tell what is true of the machine that TARSy runs on, right now. Quote their numbers. ' +
        'What a tool says it can not tell is unknown, not healthy.',
      data_masking: { enabled: true, pattern_groups: ['secrets'] },
    },
    'kubernetes-server': {
      transport: {
        type: 'stdio',
        command: 'npx',
        args: [
          '-y',
          'kubernetes-mcp-server@0.0.67',
          '--read-only',
          '--disable-destructive',
          '--kubeconfig',
          kubeconfig ?? '',
        ],
      },
      instructions:
        'Read-only access to a Kubernetes cluster. Start with the namespace and the workload that the alert names; look at ' +
        'events and at the logs of the containers that restarted before you conclude.',
      data_masking: { enabled: true, pattern_groups: ['kubernetes'], patterns: ['certificate', 'token', 'email'] },
      summarization: { enabled: true, size_threshold_tokens: 5000, summary_max_token_limit: 1000 },
    },
  };
}
