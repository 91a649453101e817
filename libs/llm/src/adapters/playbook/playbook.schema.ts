import { z } from 'zod';

/** Holds when the fact is known and fits every bound that is given. */
const conditionSchema = z.strictObject({
  fact: z.string(),
  at_least: z.number().optional(),
  below: z.number().optional(),
  equals: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** True: the fact is known, whatever it is. False: it is not. */
  known: z.boolean().optional(),
});
export type Condition = z.infer<typeof conditionSchema>;

/** All of these must hold. */
const whenSchema = z.array(conditionSchema).default([]);

const stepSchema = z.strictObject({
  /** `server__tool`, or the tool's own name, found in whatever server has it. */
  tool: z.string(),
  /** Texts may hold `{{fact}}`; a step waits until its facts are known. */
  arguments: z.record(z.string(), z.unknown()).default({}),
  when: whenSchema,
  /** What the step tells, for the report. */
  checks: z.string(),
});
export type Step = z.infer<typeof stepSchema>;

const factSchema = z.strictObject({
  /** Tool whose answer holds it; absent: the alert itself. */
  tool: z.string().optional(),
  /** Path into the JSON answer, such as `file_systems[0].used_percent`. */
  path: z.string().optional(),
  /** First group, in an alert or an answer of any form. */
  pattern: z.string().optional(),
});
export type FactRule = z.infer<typeof factSchema>;

const statementSchema = z.strictObject({
  when: whenSchema,
  /** One line for each item of a list in a tool's answer; the text then speaks of `{{item.…}}`. */
  for_each: z.strictObject({ tool: z.string(), path: z.string(), limit: z.int().positive().default(5) }).optional(),
  text: z.string(),
});
export type Statement = z.infer<typeof statementSchema>;

export const playbookSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  /** The playbook with the most matches is taken; one without any is the fallback. */
  match: z
    .strictObject({ alert_types: z.array(z.string()).default([]), words: z.array(z.string()).default([]) })
    .prefault({}),
  steps: z.array(stepSchema),
  facts: z.record(z.string(), factSchema).default({}),
  findings: z.array(statementSchema),
  /** The first one that holds is the likely cause. */
  causes: z.array(z.strictObject({ when: whenSchema, text: z.string() })),
  next_steps: z.array(statementSchema),
});
export type Playbook = z.infer<typeof playbookSchema>;
