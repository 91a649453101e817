import type { OpenAI } from 'openai';
import type { ToolDefinition } from '../../language-model.js';
import { argumentSchemaOf, type ToolNames } from '../tool-names.js';

export function prepareTools(
  tools: readonly ToolDefinition[],
  names: ToolNames,
): OpenAI.Chat.Completions.ChatCompletionFunctionTool[] {
  return tools.map((tool) => ({
    type: 'function',
    function: { name: names.toVendor(tool.name), description: tool.description, parameters: argumentSchemaOf(tool) },
  }));
}
