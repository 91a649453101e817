import type { ToolDefinition } from '@tarsy/llm';

/** Finds the tools of a request by the ways in which models write their names. */
export class ToolNameLookup {
  readonly #names = new Map<string, string>();

  constructor(tools: readonly Pick<ToolDefinition, 'name'>[]) {
    for (const { name } of tools) this.#names.set(keyOf(name), name);
  }

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  /** The tool's own name for `server.tool`, `server__tool`, with a word and a colon in front, in any case. */
  find(written: string): string | undefined {
    return this.#names.get(keyOf(written)) ?? this.#names.get(keyOf(written.replace(/^[\w-]+:/, '')));
  }

  /** The tool that a text mentions last. */
  lastIn(text: string): string | undefined {
    const words = text.match(/[\w-]+(?:(?:\.|__)[\w-]+)*/g) ?? [];
    return words.map((word) => this.find(word)).findLast((name) => name !== undefined);
  }
}

const keyOf = (name: string): string => name.trim().replace('.', '__').toLowerCase();
