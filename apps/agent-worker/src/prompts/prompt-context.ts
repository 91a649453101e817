import type { TaskScheduled } from '@tarsy/contracts';

/** What the sections of a prompt are made from. */
export interface PromptContext {
  readonly task: TaskScheduled;
  readonly now: Date;
  /** Servers that the agent should have and can not reach. */
  readonly unavailableServers: readonly { readonly server: string; readonly errorMessage: string }[];
  /** What other executions did, by their id; for their synthesis, and for questions about them. */
  readonly histories?: ReadonlyMap<string, string>;
}

/** One section of a prompt: a pure function to text; empty leaves it out. */
export type PromptSection = (context: PromptContext) => string;

/** Joins what is not empty, a blank line between. */
export function joinSections(sections: readonly PromptSection[], context: PromptContext): string {
  return sections
    .map((section) => section(context).trim())
    .filter((text) => text !== '')
    .join('\n\n');
}
