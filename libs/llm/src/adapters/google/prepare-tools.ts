import type { Tool, ToolConfig } from '@google/genai';
import type { ToolDefinition } from '../../language-model.js';
import { argumentSchemaOf, type ToolNames } from '../tool-names.js';
import { generationOf, isImageModel } from './model-family.js';

export interface ToolOffer {
  readonly model: string;
  readonly tools: readonly ToolDefinition[];
  /** Names of the vendor's own tools, on or off. */
  readonly nativeTools: Readonly<Record<string, boolean>>;
  readonly isVertex: boolean;
}

const NATIVE_TOOLS: Readonly<Record<string, Tool>> = {
  google_search: { googleSearch: {} },
  url_context: { urlContext: {} },
  code_execution: { codeExecution: {} },
};

/**
 * Functions and the vendor's own tools. Only the Gemini API from its third generation on takes both at once; elsewhere functions win,
 * because an agent that has any can not work without them.
 */
export function prepareTools(offer: ToolOffer, names: ToolNames): { tools?: Tool[]; toolConfig?: ToolConfig } {
  if (isImageModel(offer.model)) return {};
  const functions = functionsOf(offer.tools, names);
  const native = Object.entries(NATIVE_TOOLS).flatMap(([name, tool]) =>
    offer.nativeTools[name] === true ? [tool] : [],
  );
  if (functions.length === 0) return native.length === 0 ? {} : { tools: native };
  if (native.length === 0 || offer.isVertex || generationOf(offer.model) < 3) return { tools: functions };
  return { tools: [...native, ...functions], toolConfig: { includeServerSideToolInvocations: true } };
}

function functionsOf(tools: readonly ToolDefinition[], names: ToolNames): Tool[] {
  if (tools.length === 0) return [];
  const functionDeclarations = tools.map((tool) => ({
    name: names.toVendor(tool.name),
    description: tool.description,
    parametersJsonSchema: argumentSchemaOf(tool),
  }));
  return [{ functionDeclarations }];
}
