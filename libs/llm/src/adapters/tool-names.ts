import { sha256 } from '@tarsy/core';
import type { ToolDefinition } from '../language-model.js';

/** The vendors' limit on the name of a function. */
const LONGEST_NAME = 64;

/** Tool names as every vendor's API allows them, and back. */
export class ToolNames {
  readonly #fromVendor = new Map<string, string>();

  constructor(tools: readonly Pick<ToolDefinition, 'name'>[]) {
    for (const { name } of tools) this.#fromVendor.set(this.toVendor(name), name);
  }

  /** Letters, digits, `_` and `-`, at most 64; a name that must be changed keeps its beginning and gets a digest. */
  toVendor(name: string): string {
    if (/^[\w-]{1,64}$/.test(name)) return name;
    const digest = sha256(name).slice(0, 8);
    return `${name.replace(/[^\w-]/g, '_').slice(0, LONGEST_NAME - digest.length - 1)}_${digest}`;
  }

  /** A name that no tool has stays as the model wrote it. */
  fromVendor(name: string): string {
    return this.#fromVendor.get(name) ?? name;
  }
}

/** The vendors want an object with `properties`, even where a tool takes nothing. */
export function argumentSchemaOf({ inputSchema }: ToolDefinition): Record<string, unknown> {
  const { $schema: _dialect, ...schema } = inputSchema;
  return { type: 'object', properties: {}, ...schema };
}
