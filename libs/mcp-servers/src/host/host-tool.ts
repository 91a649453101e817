import type { z } from 'zod';

/** One read-only tool. */
export interface HostTool<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: string;
  readonly description: string;
  readonly input: Shape;
  /** The answer as plain data; numbers carry their unit in their name. What throws becomes an error result. */
  readonly run: (input: z.output<z.ZodObject<Shape>>) => Promise<unknown>;
}

export function hostTool<Shape extends z.ZodRawShape>(tool: HostTool<Shape>): HostTool {
  return tool as unknown as HostTool;
}
