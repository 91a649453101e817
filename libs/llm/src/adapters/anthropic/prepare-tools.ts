import type Anthropic from '@anthropic-ai/sdk';
import type { LanguageModelRequest, ToolDefinition } from '../../language-model.js';
import { argumentSchemaOf, type ToolNames } from '../tool-names.js';

type ToolParameters = Pick<Anthropic.MessageCreateParamsStreaming, 'tools' | 'tool_choice'>;

export function prepareTools({ tools, messages }: LanguageModelRequest, names: ToolNames): ToolParameters {
  if (tools.length > 0) return { tools: tools.map((tool) => toolOf(tool, names)) };
  // The API refuses calls in the history whose tools are not declared, also when none may be called any more.
  const called = new Set(messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls.map(({ name }) => name) : []))); // prettier-ignore
  if (called.size === 0) return {};
  const declared = [...called].map((name) => ({
    name: names.toVendor(name),
    input_schema: { type: 'object' as const },
  }));
  return { tools: declared, tool_choice: { type: 'none' } };
}

function toolOf(tool: ToolDefinition, names: ToolNames): Anthropic.Tool {
  return {
    name: names.toVendor(tool.name),
    description: tool.description,
    input_schema: argumentSchemaOf(tool) as Anthropic.Tool.InputSchema,
  };
}
