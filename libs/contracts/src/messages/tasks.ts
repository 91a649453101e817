import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { prioritySchema, runStatusSchema, stageTypeSchema, terminalStatusSchema } from '../enumerations.js';
import { subjects } from '../subjects.js';

/** A model and how to reach it. Secrets travel by the name of the environment variable that holds them, never by value. */
export const modelReferenceSchema = z.object({
  /** Name in `llm_providers`. */
  provider: z.string(),
  type: z.enum(['playbook', 'openai', 'anthropic', 'google', 'xai', 'vertexai']),
  model: z.string(),
  backend: z.enum(['langchain', 'google-native']),
  baseUrl: z.string().optional(),
  apiKeyEnv: z.string().optional(),
  credentialsEnv: z.string().optional(),
  projectEnv: z.string().optional(),
  locationEnv: z.string().optional(),
  nativeTools: z.record(z.string(), z.boolean()).default({}),
  /** How the model asks for tools: by its API, or in text as Thought / Action / Action Input. Absent is by its API. */
  dialect: z.enum(['function_calling', 'react']).optional(),
});
export type ModelReference = z.infer<typeof modelReferenceSchema>;

export const agentKindSchema = z.enum(['investigation', 'action', 'chat', 'synthesis', 'exec_summary', 'scoring']);
export type AgentKind = z.infer<typeof agentKindSchema>;

export const agentSpecificationSchema = z.object({
  name: z.string(),
  kind: agentKindSchema,
  description: z.string().default(''),
  customInstructions: z.string().default(''),
  /** One iteration is one model call plus the tool calls it asks for. */
  maxIterations: z.int().positive(),
});
export type AgentSpecification = z.infer<typeof agentSpecificationSchema>;

export const toolServerSelectionSchema = z.object({
  id: z.string(),
  /** Put into the system prompt of agents that use the server. */
  instructions: z.string().default(''),
  /** Tools of the server that may be used; absent is all. */
  tools: z.array(z.string()).optional(),
});
export type ToolServerSelection = z.infer<typeof toolServerSelectionSchema>;

/**
 * One execution is ready to run, or to go on after it was parked. Published by chain-runner once its row is committed;
 * consumed by agent-worker, for whom it holds all there is to know. Delivery is at least once.
 */
export const taskScheduled = defineMessage({
  name: 'taskScheduled',
  stream: 'TASKS',
  subject: (task) => subjects.task(task.pool, task.priority),
  messageId: (task) => `${task.executionId}:${task.wakeCount}:task`,
  schema: z.object({
    sessionId: z.uuid(),
    stageId: z.uuid(),
    executionId: z.uuid(),
    /** How often this execution was woken after parking; 0 on its first run. */
    wakeCount: z.int().nonnegative(),
    pool: z.string(),
    priority: prioritySchema,
    /** UTC. Past this instant the execution ends as `timed_out`. */
    deadlineAt: z.iso.datetime(),
    stage: z.object({ name: z.string(), index: z.int().positive(), type: stageTypeSchema }),
    agent: agentSpecificationSchema,
    model: modelReferenceSchema,
    toolServers: z.array(toolServerSelectionSchema),
    alert: z.object({
      type: z.string(),
      /** Masked and untrusted: data, never instructions. */
      data: z.string(),
      receivedAt: z.iso.datetime(),
    }),
    /** Untrusted text as well; absent where there is no runbook. */
    runbook: z.string().optional(),
    /** Results of the completed stages before this one, in order. */
    previousStages: z.array(z.object({ name: z.string(), result: z.string() })),
    /** What a `synthesis` agent merges, in order; failed executions too. Their histories are in their journals. */
    parallelResults: z
      .object({
        stageName: z.string(),
        executions: z.array(
          z.object({
            executionId: z.uuid(),
            agentName: z.string(),
            agentIndex: z.int().positive(),
            backend: z.string(),
            provider: z.string(),
            model: z.string(),
            status: runStatusSchema,
            result: z.string().optional(),
            errorMessage: z.string().optional(),
          }),
        ),
      })
      .optional(),
    /** What an `exec_summary` agent condenses. */
    finalAnalysis: z.string().optional(),
    limits: z.object({
      iterationTimeoutMs: z.int().positive(),
      llmCallTimeoutMs: z.int().positive(),
      firstTokenTimeoutMs: z.int().positive(),
      stallTimeoutMs: z.int().positive(),
      toolCallTimeoutMs: z.int().positive(),
    }),
  }),
});
export type TaskScheduled = z.infer<typeof taskScheduled.schema>;

export const tokenUsageSchema = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  /** Part of the output that was reasoning, where the vendor says so. */
  thinkingTokens: z.int().nonnegative().default(0),
  /** Part of the input that was read from the vendor's cache. */
  cachedInputTokens: z.int().nonnegative().default(0),
});
export type TokenUsage = z.infer<typeof tokenUsageSchema>;

/** How one execution ended. Published by agent-worker after the journal holds the same conclusion; consumed by chain-runner. */
export const executionOutcome = defineMessage({
  name: 'executionOutcome',
  stream: 'OUTCOMES',
  subject: (outcome) => subjects.outcome(outcome.executionId),
  messageId: (outcome) => `${outcome.executionId}:${outcome.wakeCount}:outcome`,
  schema: z.object({
    sessionId: z.uuid(),
    stageId: z.uuid(),
    executionId: z.uuid(),
    wakeCount: z.int().nonnegative(),
    status: terminalStatusSchema,
    result: z.string().optional(),
    /** Stable, upper snake case; absent unless the execution failed. */
    errorCode: z.string().optional(),
    errorMessage: z.string().optional(),
    forcedConclusion: z.boolean().default(false),
    iterationsUsed: z.int().nonnegative(),
    finishedAt: z.iso.datetime(),
  }),
});
export type ExecutionOutcome = z.infer<typeof executionOutcome.schema>;
