import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import {
  parkReasonSchema,
  prioritySchema,
  runStatusSchema,
  stageTypeSchema,
  terminalStatusSchema,
} from '../enumerations.js';
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
  /** Tokens that a conversation may have; absent where nobody knows. */
  contextWindowTokens: z.int().positive().optional(),
  /** Of the provider, for all workers together; absent is none. */
  limits: z
    .object({
      requestsPerMinute: z.int().positive().optional(),
      tokensPerMinute: z.int().positive().optional(),
      concurrentRequests: z.int().positive().optional(),
    })
    .optional(),
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
  /** The agent's definition switches on tools of the model itself, so that only models that have them can take its place. */
  needsNativeTools: z.boolean().optional(),
  /** At that limit: false parks the execution until a person lets it go on, otherwise it concludes with what there is. */
  forceConclusion: z.boolean().optional(),
});
export type AgentSpecification = z.infer<typeof agentSpecificationSchema>;

export const toolServerSelectionSchema = z.object({
  id: z.string(),
  /** Put into the system prompt of agents that use the server. */
  instructions: z.string().default(''),
  /** Tools of the server that may be used; absent is all. */
  tools: z.array(z.string()).optional(),
  /** Results of more tokens than `thresholdTokens` are replaced by a summary; absent leaves them whole. */
  summarization: z
    .object({
      thresholdTokens: z.int().positive(),
      targetTokens: z.int().positive(),
      /** Absent is the agent's own. */
      model: modelReferenceSchema.optional(),
    })
    .optional(),
});
export type ToolServerSelection = z.infer<typeof toolServerSelectionSchema>;

/** What an orchestrator may dispatch, and how much of it. */
export const subAgentsSchema = z.object({
  agents: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      toolServers: z.array(z.string()),
      /** Tools of the model itself that are switched on, such as `google_search`. */
      nativeTools: z.array(z.string()),
    }),
  ),
  /** At the same time. */
  maxConcurrentAgents: z.int().positive(),
  /** Longest time of one of them, in milliseconds. */
  agentTimeoutMs: z.int().positive(),
  /** Time for all of them together, from the first dispatch on, in milliseconds. */
  maxBudgetMs: z.int().positive(),
});
export type SubAgents = z.infer<typeof subAgentsSchema>;

/** Instructions of the configuration for one kind of work. */
export const skillSchema = z.object({ name: z.string(), description: z.string(), body: z.string() });
export type Skill = z.infer<typeof skillSchema>;

const tokenRates = {
  inputPerMillion: z.number().nonnegative(),
  outputPerMillion: z.number().nonnegative(),
  cachedInputPerMillion: z.number().nonnegative().optional(),
  cacheWritePerMillion: z.number().nonnegative().optional(),
  thinkingPerMillion: z.number().nonnegative().optional(),
};

/** A question about an investigation that has ended, and what is known to answer it. */
export const chatContextSchema = z.object({
  question: z.string(),
  author: z.string(),
  askedAt: z.iso.datetime(),
  /** Investigation stages and their syntheses in order, whatever they ended as; no action stages. */
  stages: z.array(
    z.object({
      name: z.string(),
      type: stageTypeSchema,
      status: runStatusSchema,
      executions: z.array(
        z.object({
          executionId: z.uuid(),
          agentName: z.string(),
          status: runStatusSchema,
          result: z.string().optional(),
          errorMessage: z.string().optional(),
          /** What the execution did, as it was recorded; absent where its journal still tells. */
          history: z.string().optional(),
        }),
      ),
    }),
  ),
  executiveSummary: z.string().optional(),
  /** Questions asked before, oldest first, with their answers where there are any. */
  earlier: z.array(z.object({ question: z.string(), author: z.string(), answer: z.string().optional() })),
});
export type ChatContext = z.infer<typeof chatContextSchema>;

/** USD for a million tokens of one model. */
export const modelPriceSchema = z.object({
  ...tokenRates,
  longContext: z.object({ ...tokenRates, aboveInputTokens: z.number().nonnegative() }).optional(),
});

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
    /** What takes over, in order, when the model keeps failing. */
    fallbackModels: z.array(modelReferenceSchema).optional(),
    toolServers: z.array(toolServerSelectionSchema),
    alert: z.object({
      type: z.string(),
      /** Masked and untrusted: data, never instructions. */
      data: z.string(),
      receivedAt: z.iso.datetime(),
    }),
    /** Days with fewer people at work, each year: `MM-DD`, UTC. Absent where nobody said any. */
    holidays: z.array(z.object({ date: z.string(), name: z.string() })).optional(),
    /** Untrusted text as well; absent where there is no runbook. */
    runbook: z.string().optional(),
    /** Where the alert's own runbook is, and what may be fetched; `runbook` is for when it can not be. */
    runbookSource: z
      .object({
        url: z.string(),
        allowedDomains: z.array(z.string()),
        allowPrivateAddresses: z.boolean(),
        cacheTtlMs: z.int().positive(),
        /** Environment variable with a token for GitHub. */
        tokenEnv: z.string(),
      })
      .optional(),
    /** In the prompt from the beginning. */
    requiredSkills: z.array(skillSchema).optional(),
    /** For `load_skill`. */
    availableSkills: z.array(skillSchema).optional(),
    /** Absent unless the agent may dispatch others. */
    subAgents: subAgentsSchema.optional(),
    /** Of a sub-agent: who dispatched it, and what for. */
    assignment: z.object({ parentExecutionId: z.uuid(), parentAgentName: z.string(), task: z.string() }).optional(),
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
    /** What a `chat` agent answers, and what it knows of the investigation. */
    chat: chatContextSchema.optional(),
    /** What it may use up before it must conclude, from its beginning; absent is no limit. */
    budget: z
      .object({
        tokens: z.int().nonnegative().optional(),
        toolCalls: z.int().nonnegative().optional(),
        costUsd: z.number().nonnegative().optional(),
        /** By model name, for `costUsd`; calls of a model without one count nothing. */
        prices: z.record(z.string(), modelPriceSchema).optional(),
        concludeAt: z.iso.datetime().optional(),
      })
      .optional(),
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
  /** Part of the input that was written to the vendor's cache, where that has a price of its own. */
  cacheWriteInputTokens: z.int().nonnegative().optional(),
});
export type TokenUsage = z.infer<typeof tokenUsageSchema>;

/** What an execution has used up of its session's budget. */
export const executionUsageSchema = z.object({
  /** Input and output of all its model calls. */
  tokens: z.int().nonnegative(),
  toolCalls: z.int().nonnegative(),
  /** Of the calls whose price is known. */
  costUsd: z.number().nonnegative(),
});
export type ExecutionUsage = z.infer<typeof executionUsageSchema>;

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
    /** Of an action agent: whether it said that it changed something. Absent where it did not say. */
    actionsExecuted: z.boolean().optional(),
    /** Of the whole execution so far. */
    usage: executionUsageSchema.optional(),
    /** Stable, upper snake case; absent unless the execution failed. */
    errorCode: z.string().optional(),
    errorMessage: z.string().optional(),
    forcedConclusion: z.boolean().default(false),
    iterationsUsed: z.int().nonnegative(),
    finishedAt: z.iso.datetime(),
  }),
});
export type ExecutionOutcome = z.infer<typeof executionOutcome.schema>;

/**
 * An execution waits and has let its worker go. Published by agent-worker after the journal holds the same; chain-runner wakes the
 * execution by a task with the next wake count, at once when its mailbox has more than `mailboxSeen` messages.
 */
export const executionParked = defineMessage({
  name: 'executionParked',
  stream: 'OUTCOMES',
  subject: (parked) => subjects.parked(parked.executionId),
  messageId: (parked) => `${parked.executionId}:${parked.wakeCount}:parked`,
  schema: z.object({
    sessionId: z.uuid(),
    stageId: z.uuid(),
    executionId: z.uuid(),
    wakeCount: z.int().nonnegative(),
    reason: parkReasonSchema,
    /** Different messages in its mailbox, cancellation apart, that it had read when it decided to wait. */
    mailboxSeen: z.int().nonnegative(),
    /** When it is to be woken whatever its mailbox has; absent leaves it to the mailbox. */
    wakeAt: z.iso.datetime().optional(),
    iterationsUsed: z.int().nonnegative().optional(),
    /** Of the whole execution so far. */
    usage: executionUsageSchema.optional(),
    parkedAt: z.iso.datetime(),
  }),
});
export type ExecutionParked = z.infer<typeof executionParked.schema>;
