import { DATA_NOTICE, fenced } from './fenced.js';
import type { PromptContext } from './prompt-context.js';

/** What the agents of a parallel stage did and found, failed ones included; for the agent that merges it. */
export function parallelResultsSection({ task: { parallelResults }, histories }: PromptContext): string {
  if (parallelResults === undefined) return '';
  const { stageName, executions } = parallelResults;
  const succeeded = executions.filter(({ status }) => status === 'completed').length;
  const agents = executions.map(({ executionId, agentName, agentIndex, backend, provider, model, status, ...end }) =>
    [
      `### Agent ${agentIndex}: ${agentName}`,
      `Backend: ${backend}, model: ${provider} (${model}), status: ${status}`,
      ...(end.errorMessage === undefined ? [] : [`Error: ${end.errorMessage}`]),
      '',
      histories?.get(executionId) || (end.result ?? '(This agent left nothing behind.)'),
    ].join('\n'),
  );
  const heading = `Stage "${stageName}": ${succeeded} of ${executions.length} agents succeeded.`;
  return [
    '## Previous Stage Data',
    `What the agents of the stage before did and found. ${DATA_NOTICE}`,
    fenced('PARALLEL_RESULTS', [heading, ...agents].join('\n\n')),
  ].join('\n');
}
