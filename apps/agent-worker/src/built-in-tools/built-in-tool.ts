import type { TaskScheduled, ToolType } from '@tarsy/contracts';
import type { ToolDefinition } from '@tarsy/llm';

const BUILT_IN_TOOL_NAMES = ['dispatch_agent', 'cancel_agent', 'list_agents', 'steer_agent', 'load_skill'] as const; // prettier-ignore
export type BuiltInToolName = (typeof BUILT_IN_TOOL_NAMES)[number];

const text = (description: string): Record<string, unknown> => ({ type: 'string', description });
const schemaOf = (properties: Record<string, unknown>): Record<string, unknown> => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const EXECUTION_ID = text('The execution_id that dispatch_agent returned.');

const DEFINITIONS: Readonly<Record<BuiltInToolName, ToolDefinition>> = {
  dispatch_agent: {
    name: 'dispatch_agent',
    description: 'Starts a sub-agent and returns at once; its result comes later in a message of its own.',
    inputSchema: schemaOf({
      name: text('Name of an available sub-agent.'),
      task: text('All that the sub-agent needs to know, and what it is to find out and report.'),
    }),
    readOnly: false,
  },
  cancel_agent: {
    name: 'cancel_agent',
    description: 'Stops a running sub-agent whose result is not needed any more.',
    inputSchema: schemaOf({ execution_id: EXECUTION_ID }),
    readOnly: false,
  },
  list_agents: {
    name: 'list_agents',
    description: 'Lists the sub-agents dispatched so far with their status and task.',
    inputSchema: schemaOf({}),
    readOnly: true,
  },
  steer_agent: {
    name: 'steer_agent',
    description: 'Tells a running sub-agent something that it is to take into account from now on.',
    inputSchema: schemaOf({ execution_id: EXECUTION_ID, message: text('What the sub-agent is to know or to change.') }),
    readOnly: false,
  },
  load_skill: {
    name: 'load_skill',
    description: 'Returns the instructions of available skills.',
    inputSchema: schemaOf({
      names: { type: 'array', items: { type: 'string' }, description: 'Names of available skills.' },
    }),
    readOnly: true,
  },
};

/** Tools of the worker itself that an agent has: those for sub-agents where it may dispatch any, and those for skills. */
export function builtInToolsOf({ subAgents, availableSkills = [] }: TaskScheduled): ToolDefinition[] {
  const names = BUILT_IN_TOOL_NAMES.filter((name) =>
    name === 'load_skill' ? availableSkills.length > 0 : subAgents !== undefined,
  );
  return names.map((name) => DEFINITIONS[name]);
}

/** The built-in tool that a model means, with or without a word and a colon in front. */
export function findBuiltInTool(written: string, task: TaskScheduled): BuiltInToolName | undefined {
  const name = written.trim().replace(/^[\w-]+:/, '');
  return builtInToolsOf(task).find((tool) => tool.name === name)?.name as BuiltInToolName | undefined;
}

export function toolTypeOf(name: BuiltInToolName): ToolType {
  return name === 'load_skill' ? 'skill' : 'orchestrator';
}
