import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import {
  budgetPartSchema,
  llmInteractionTypeSchema,
  parkReasonSchema,
  runStatusSchema,
  sessionStatusSchema,
  severitySchema,
  stageTypeSchema,
  terminalStatusSchema,
  toolTypeSchema,
} from '../enumerations.js';
import { subjects } from '../subjects.js';
import { nativeToolUseSchema, vendorStateSchema } from './model-turns.js';
import { modelReferenceSchema, tokenUsageSchema } from './tasks.js';

const lifecycleBase = {
  sessionId: z.uuid(),
  /** Counts the lifecycle events of one session from 1, without gaps; makes the message id. */
  revision: z.int().positive(),
  at: z.iso.datetime(),
};

/** State changes of a session, its stages and its executions. Written by chain-runner alone, after the commit they describe. */
export const lifecycleEventSchema = z.discriminatedUnion('type', [
  z.object({
    ...lifecycleBase,
    type: z.literal('session-created'),
    alertType: z.string(),
    chainId: z.string(),
    severity: severitySchema,
    author: z.string().nullable(),
    slackMessageFingerprint: z.string().optional(),
  }),
  z.object({
    ...lifecycleBase,
    type: z.literal('session-status-changed'),
    status: sessionStatusSchema,
    errorMessage: z.string().optional(),
    finalAnalysis: z.string().optional(),
    executiveSummary: z.string().optional(),
    executiveSummaryError: z.string().optional(),
  }),
  z.object({
    ...lifecycleBase,
    type: z.literal('stage-status-changed'),
    stageId: z.uuid(),
    stageName: z.string(),
    stageIndex: z.int().positive(),
    stageType: stageTypeSchema,
    status: runStatusSchema,
    referencedStageId: z.uuid().optional(),
    errorMessage: z.string().optional(),
    /** For `session.progress`: how many stages the chain will have, generated ones included. */
    totalStages: z.int().positive(),
  }),
  z.object({
    ...lifecycleBase,
    type: z.literal('execution-status-changed'),
    stageId: z.uuid(),
    executionId: z.uuid(),
    parentExecutionId: z.uuid().optional(),
    agentName: z.string(),
    agentIndex: z.int().positive(),
    status: runStatusSchema,
    errorMessage: z.string().optional(),
  }),
  z.object({
    ...lifecycleBase,
    type: z.literal('alert-resolved'),
    fingerprints: z.array(z.string()),
    resolvedAt: z.iso.datetime(),
  }),
  /** A person asked about the investigation; the stage that answers has begun. */
  z.object({
    ...lifecycleBase,
    type: z.literal('question-asked'),
    chatId: z.uuid(),
    messageId: z.uuid(),
    stageId: z.uuid(),
    /** The execution that answers. */
    executionId: z.uuid(),
    author: z.string(),
    content: z.string(),
    /** The first question of a session makes its chat. */
    isFirst: z.boolean(),
  }),
]);
export type LifecycleEvent = z.infer<typeof lifecycleEventSchema>;

export const sessionLifecycle = defineMessage({
  name: 'sessionLifecycle',
  stream: 'SESSIONS',
  subject: (event) => subjects.lifecycle(event.sessionId),
  messageId: (event) => `${event.sessionId}:lifecycle:${event.revision}`,
  schema: lifecycleEventSchema,
});

/** One call that a model asked for, as the model named it and as the worker understood it. */
export const requestedToolCallSchema = z.object({
  callId: z.string(),
  /** The vendor's own id, which its API wants back with the result. */
  vendorCallId: z.string(),
  /** Name as the model wrote it, such as `host__disk_usage`. */
  name: z.string(),
  /** Argument text as received; parsed leniently by the worker. */
  argumentsText: z.string(),
});
export type RequestedToolCall = z.infer<typeof requestedToolCallSchema>;

const modelNameSchema = modelReferenceSchema.pick({ provider: true, backend: true, model: true });

const journalBase = {
  sessionId: z.uuid(),
  stageId: z.uuid(),
  executionId: z.uuid(),
  /** Position in the journal of this execution, from 1. */
  entry: z.int().positive(),
  at: z.iso.datetime(),
};

/** One finished step of an execution. The journal is the worker's only memory: what is not in it has not happened. */
export const journalEntrySchema = z.discriminatedUnion('type', [
  /** A worker took the execution over; every older holder is fenced out by this append. */
  z.object({ ...journalBase, type: z.literal('claimed'), workerId: z.string(), wakeCount: z.int().nonnegative() }),
  /** The conversation's beginning, kept so that a replay does not depend on the clock or on the catalogue. */
  z.object({
    ...journalBase,
    type: z.literal('prompted'),
    model: modelReferenceSchema,
    messages: z.array(z.object({ role: z.enum(['system', 'user']), content: z.string() })),
    toolServers: z.array(
      z.object({
        server: z.string(),
        tools: z.array(z.object({ name: z.string(), description: z.string() })),
        errorMessage: z.string().optional(),
      }),
    ),
    /** What a sub-agent was dispatched for. */
    assignment: z.string().optional(),
    /** Names of the skills in the prompt. */
    skills: z.array(z.string()).optional(),
  }),
  /** A finished model call. */
  z.object({
    ...journalBase,
    type: z.literal('turn'),
    /** Counts model calls of the execution from 1, failed ones included. */
    turn: z.int().positive(),
    interactionType: llmInteractionTypeSchema,
    iteration: z.int().positive(),
    provider: z.string(),
    model: z.string(),
    thinking: z.string(),
    text: z.string(),
    toolCalls: z.array(requestedToolCallSchema),
    stopReason: z.string(),
    usage: tokenUsageSchema.nullable(),
    /** What was wrong with the form of an answer in the text dialect; the model reads it next. */
    formatFeedback: z.string().optional(),
    /** What an action agent said of itself in a last line that was taken away. */
    actionsExecuted: z.boolean().optional(),
    nativeTools: z.array(nativeToolUseSchema).optional(),
    vendorState: vendorStateSchema.optional(),
    startedAt: z.iso.datetime(),
    durationMs: z.number().nonnegative(),
  }),
  z.object({
    ...journalBase,
    type: z.literal('turn-failed'),
    turn: z.int().positive(),
    interactionType: llmInteractionTypeSchema,
    iteration: z.int().positive(),
    provider: z.string(),
    model: z.string(),
    errorCode: z.string(),
    errorMessage: z.string(),
    /** The same call might have succeeded later. */
    isRetryable: z.boolean().optional(),
    partialText: z.string(),
    startedAt: z.iso.datetime(),
    durationMs: z.number().nonnegative(),
  }),
  /** Another model takes over for the rest of the execution, because the one before it keeps failing. */
  z.object({
    ...journalBase,
    type: z.literal('model-switched'),
    /** Counts the switches of the execution from 1. */
    attempt: z.int().positive(),
    /** The model that the execution began with. */
    original: modelNameSchema,
    from: modelNameSchema,
    to: modelReferenceSchema,
    /** Place of `to` in the task's list, from 0. */
    position: z.int().nonnegative(),
    reason: z.string(),
    errorCode: z.string(),
    errorIsRetryable: z.boolean().optional(),
    /** Tools of the model itself that are gone with it. */
    nativeToolsDropped: z.array(z.string()),
    /** Providers passed over because they lack native tools that the agent needs. */
    skippedIncompatible: z.array(z.string()),
  }),
  /** A user message that the loop added: a nudge, a request to go on after an error, the request to conclude. */
  z.object({
    ...journalBase,
    type: z.literal('message-added'),
    reason: z.enum(['nudge', 'retry', 'conclude', 'format']),
    /** The part of the budget that was used up, where that is why it must conclude. */
    usedUp: budgetPartSchema.optional(),
    content: z.string(),
  }),
  /** A call is about to be sent to mcp-broker; its result is the message at {@link subjects.toolResult}. */
  z.object({
    ...journalBase,
    type: z.literal('tool-requested'),
    callId: z.string(),
    server: z.string(),
    tool: z.string(),
    toolType: toolTypeSchema,
    arguments: z.record(z.string(), z.unknown()),
  }),
  /** A call that the worker answered by itself: no such tool, or arguments that are none. */
  z.object({
    ...journalBase,
    type: z.literal('tool-answered'),
    callId: z.string(),
    name: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    content: z.string(),
    isError: z.boolean(),
    /** Absent is `mcp`. */
    toolType: toolTypeSchema.optional(),
  }),
  /**
   * A summary takes the place of a tool result in the conversation: because the result was long, or because the conversation came near
   * the model's window. Where the model call for it failed, `content` is a part of the result, or absent where the result stays.
   */
  z.object({
    ...journalBase,
    type: z.literal('result-summarized'),
    callId: z.string(),
    reason: z.enum(['size', 'context']),
    server: z.string(),
    tool: z.string(),
    content: z.string().optional(),
    originalTokens: z.int().nonnegative(),
    /** The model call; absent where there was none. */
    call: z
      .object({
        provider: z.string(),
        model: z.string(),
        isFallback: z.boolean(),
        usage: tokenUsageSchema.nullable(),
        errorCode: z.string().optional(),
        errorMessage: z.string().optional(),
        startedAt: z.iso.datetime(),
        durationMs: z.number().nonnegative(),
      })
      .optional(),
  }),
  /** A sub-agent was asked for; its id is known before it is there. */
  z.object({
    ...journalBase,
    type: z.literal('agent-dispatched'),
    callId: z.string(),
    childExecutionId: z.uuid(),
    agentName: z.string(),
    task: z.string(),
  }),
  /** A message from the mailbox became part of the conversation. */
  z.object({
    ...journalBase,
    type: z.literal('mail-received'),
    mailId: z.string(),
    kind: z.enum(['sub-agent-result', 'guidance']),
    /** As the model reads it. */
    content: z.string(),
    /** As people read it. */
    text: z.string(),
    /** Who wrote guidance: a person, or the agent that dispatched this one. */
    author: z.string().optional(),
    childExecutionId: z.uuid().optional(),
  }),
  /** The execution waits and lets its worker go; see `executionParked`. */
  z.object({
    ...journalBase,
    type: z.literal('parked'),
    wakeCount: z.int().nonnegative(),
    reason: parkReasonSchema,
    mailboxSeen: z.int().nonnegative(),
    wakeAt: z.iso.datetime().optional(),
  }),
  /** The end; nothing follows it. */
  z.object({
    ...journalBase,
    type: z.literal('concluded'),
    status: terminalStatusSchema,
    result: z.string().optional(),
    errorCode: z.string().optional(),
    errorMessage: z.string().optional(),
    forcedConclusion: z.boolean(),
    /** Of an action agent: whether it said that it changed something. */
    actionsExecuted: z.boolean().optional(),
    /** Why it was forced, where that was not the number of iterations. */
    usedUp: budgetPartSchema.optional(),
    iterationsUsed: z.int().nonnegative(),
    maxIterations: z.int().positive(),
  }),
]);
export type JournalEntry = z.infer<typeof journalEntrySchema>;
export type JournalEntryOf<Type extends JournalEntry['type']> = Extract<JournalEntry, { type: Type }>;

/** What others tell an execution. Written by chain-runner alone. */
export const mailboxMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('cancel'),
    sessionId: z.uuid(),
    executionId: z.uuid(),
    /** `timed_out` when the session's deadline passed. */
    status: z.enum(['cancelled', 'timed_out']),
    reason: z.string(),
    at: z.iso.datetime(),
  }),
  /** A sub-agent ended; to the execution that dispatched it. */
  z.object({
    type: z.literal('sub-agent-result'),
    sessionId: z.uuid(),
    executionId: z.uuid(),
    childExecutionId: z.uuid(),
    agentName: z.string(),
    status: terminalStatusSchema,
    result: z.string().optional(),
    errorMessage: z.string().optional(),
    at: z.iso.datetime(),
  }),
  /** Somebody wants the execution to take something into account. */
  z.object({
    type: z.literal('guidance'),
    sessionId: z.uuid(),
    executionId: z.uuid(),
    guidanceId: z.uuid(),
    from: z.enum(['person', 'agent']),
    author: z.string(),
    content: z.string(),
    at: z.iso.datetime(),
  }),
]);
export type MailboxMessage = z.infer<typeof mailboxMessageSchema>;

export const executionMailbox = defineMessage({
  name: 'executionMailbox',
  stream: 'SESSIONS',
  subject: (message) => subjects.mailbox(message.sessionId, message.executionId),
  messageId: (message) => `${message.executionId}:mailbox:${mailIdOf(message)}`,
  schema: mailboxMessageSchema,
});

/** Unique in one mailbox. */
export function mailIdOf(message: MailboxMessage): string {
  switch (message.type) {
    case 'cancel':
      return 'cancel';
    case 'sub-agent-result':
      return `result:${message.childExecutionId}`;
    case 'guidance':
      return `guidance:${message.guidanceId}`;
  }
}

/**
 * A piece of a model's answer while it streams. Live only: kept in memory for two minutes, no acknowledgement awaited.
 * A reader applies it as `text = text.slice(0, offset) + delta`, so repeats and overlaps do no harm.
 */
export const streamChunkSchema = z.object({
  sessionId: z.uuid(),
  stageId: z.uuid(),
  executionId: z.uuid(),
  turn: z.int().positive(),
  /** Journal position that the finished turn will take; orders the live event among the stored ones. */
  entry: z.int().positive(),
  /** One model call; a new one for the same turn starts the text again. */
  callId: z.string(),
  part: z.enum(['thinking', 'text']),
  /** UTF-16 code units before this piece. Every few seconds a chunk with offset 0 repeats the whole text so far. */
  offset: z.int().nonnegative(),
  delta: z.string(),
});
export type StreamChunk = z.infer<typeof streamChunkSchema>;
