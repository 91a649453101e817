import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { subjects } from '../subjects.js';

const personCommandSchema = z.object({
  commandId: z.uuid(),
  sessionId: z.uuid(),
  requestedBy: z.string(),
  requestedAt: z.iso.datetime(),
  /** Core NATS subject for a {@link commandReplySchema}; the sender waits at most 5 s. */
  replyTo: z.string().optional(),
});

/** A person wants a session to stop. Published by stream-gateway; chain-runner answers on the reply subject after its commit. */
export const cancelSession = defineMessage({
  name: 'cancelSession',
  stream: 'COMMANDS',
  subject: () => subjects.command('cancel-session'),
  messageId: (command) => `${command.commandId}:cancel`,
  schema: personCommandSchema,
});
export type CancelSession = z.infer<typeof cancelSession.schema>;

/** A person lets a paused session go on. Published by stream-gateway; chain-runner answers as for {@link cancelSession}. */
export const resumeSession = defineMessage({
  name: 'resumeSession',
  stream: 'COMMANDS',
  subject: () => subjects.command('resume-session'),
  messageId: (command) => `${command.commandId}:resume`,
  schema: personCommandSchema,
});
export type ResumeSession = z.infer<typeof resumeSession.schema>;

/** A person gives up one paused execution; the others of its stage are not touched. */
export const cancelExecution = defineMessage({
  name: 'cancelExecution',
  stream: 'COMMANDS',
  subject: () => subjects.command('cancel-execution'),
  messageId: (command) => `${command.commandId}:cancel-execution`,
  schema: personCommandSchema.extend({ executionId: z.uuid() }),
});
export type CancelExecution = z.infer<typeof cancelExecution.schema>;

/** A session's time is up. A delayed message, scheduled when the session is admitted; a no-op for a session that has ended. */
export const expireSession = defineMessage({
  name: 'expireSession',
  stream: 'COMMANDS',
  subject: () => subjects.command('expire-session'),
  messageId: (command) => `${command.sessionId}:expire:${command.deadlineAt}`,
  schema: z.object({ sessionId: z.uuid(), deadlineAt: z.iso.datetime() }),
});
export type ExpireSession = z.infer<typeof expireSession.schema>;

/** A stage's own time is up, and the time that workers have to say so. A no-op for a stage that has ended or was woken since. */
export const expireStage = defineMessage({
  name: 'expireStage',
  stream: 'COMMANDS',
  subject: () => subjects.command('expire-stage'),
  messageId: (command) => `${command.stageId}:expire:${command.deadlineAt}`,
  schema: z.object({ sessionId: z.uuid(), stageId: z.uuid(), deadlineAt: z.iso.datetime() }),
});
export type ExpireStage = z.infer<typeof expireStage.schema>;

/** A slot may be free: admit the next pending sessions. Published by chain-runner when a session is created or ends. */
export const admitSessions = defineMessage({
  name: 'admitSessions',
  stream: 'COMMANDS',
  subject: () => subjects.command('admit-sessions'),
  messageId: (command) => `admit:${command.cause}`,
  schema: z.object({
    /** What freed or filled the slot, such as `<sessionId>:created`; makes the message id. */
    cause: z.string(),
  }),
});
export type AdmitSessions = z.infer<typeof admitSessions.schema>;

const subAgentCommand = {
  sessionId: z.uuid(),
  /** The sub-agent. */
  executionId: z.uuid(),
  parentExecutionId: z.uuid(),
  /** The tool call that asked for it. */
  callId: z.string(),
  requestedAt: z.iso.datetime(),
};

/** An orchestrator wants a sub-agent to start. Published by agent-worker after its journal names it. */
export const dispatchAgent = defineMessage({
  name: 'dispatchAgent',
  stream: 'COMMANDS',
  subject: () => subjects.command('dispatch-agent'),
  messageId: (command) => `${command.executionId}:dispatch`,
  schema: z.object({
    ...subAgentCommand,
    agentName: z.string(),
    task: z.string(),
    /** Its place, from 1, among those that the parent has dispatched; commands may overtake each other. Absent counts them as they come. */
    position: z.int().positive().optional(),
  }),
});
export type DispatchAgent = z.infer<typeof dispatchAgent.schema>;

/** An orchestrator wants one of its sub-agents to stop; a no-op for one that has ended. */
export const cancelAgent = defineMessage({
  name: 'cancelAgent',
  stream: 'COMMANDS',
  subject: () => subjects.command('cancel-agent'),
  messageId: (command) => `${command.executionId}:cancel:${command.parentExecutionId}:${command.callId}`,
  schema: z.object(subAgentCommand),
});
export type CancelAgent = z.infer<typeof cancelAgent.schema>;

/** An orchestrator tells a running sub-agent something; a no-op for one that has ended. */
export const steerAgent = defineMessage({
  name: 'steerAgent',
  stream: 'COMMANDS',
  subject: () => subjects.command('steer-agent'),
  messageId: (command) => `${command.executionId}:steer:${command.parentExecutionId}:${command.callId}`,
  schema: z.object({ ...subAgentCommand, content: z.string() }),
});
export type SteerAgent = z.infer<typeof steerAgent.schema>;

/** A person tells the running agents of a session something. Published by stream-gateway; chain-runner answers on the reply subject. */
export const guideSession = defineMessage({
  name: 'guideSession',
  stream: 'COMMANDS',
  subject: () => subjects.command('guide-session'),
  messageId: (command) => `${command.commandId}:guide`,
  schema: z.object({
    commandId: z.uuid(),
    sessionId: z.uuid(),
    /** Absent is every running agent that no other agent dispatched. */
    executionId: z.uuid().optional(),
    content: z.string(),
    author: z.string(),
    requestedAt: z.iso.datetime(),
    replyTo: z.string().optional(),
  }),
});
export type GuideSession = z.infer<typeof guideSession.schema>;

/**
 * A person asks about an investigation that has ended. Published by stream-gateway; chain-runner answers with a {@link chatReplySchema}
 * after its commit. The ids of message and stage derive from the command, so a copy changes nothing.
 */
export const chatMessage = defineMessage({
  name: 'chatMessage',
  stream: 'COMMANDS',
  subject: () => subjects.command('chat-message'),
  messageId: (command) => `${command.commandId}:chat`,
  schema: personCommandSchema.extend({ content: z.string() }),
});
export type ChatMessage = z.infer<typeof chatMessage.schema>;

/** A parked execution's time to wait is over. A delayed message; a no-op when it was woken before. */
export const wakeExecution = defineMessage({
  name: 'wakeExecution',
  stream: 'COMMANDS',
  subject: () => subjects.command('wake-execution'),
  messageId: (command) => `${command.executionId}:${command.wakeCount}:wake`,
  schema: z.object({ sessionId: z.uuid(), executionId: z.uuid(), wakeCount: z.int().nonnegative() }),
});
export type WakeExecution = z.infer<typeof wakeExecution.schema>;

/**
 * A person wants a message that was set aside to be handled once more, or to be gone. Published by stream-gateway; chain-runner, which
 * alone may put messages back, answers on the reply subject.
 */
export const settleDeadLetter = defineMessage({
  name: 'settleDeadLetter',
  stream: 'COMMANDS',
  subject: () => subjects.command('settle-dead-letter'),
  messageId: (command) => `${command.commandId}:settle`,
  schema: z.object({
    commandId: z.uuid(),
    /** Position among the dead letters. */
    sequence: z.int().positive(),
    action: z.enum(['replay', 'discard']),
    requestedBy: z.string(),
    requestedAt: z.iso.datetime(),
    replyTo: z.string().optional(),
  }),
});
export type SettleDeadLetter = z.infer<typeof settleDeadLetter.schema>;

/** Answer to a command that asked for one. A convenience: the stored command is the truth. */
export const commandReplySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted') }),
  z.object({ kind: z.literal('not_found') }),
  z.object({ kind: z.literal('conflict'), message: z.string() }),
]);
export type CommandReply = z.infer<typeof commandReplySchema>;

/** Answer to a {@link chatMessage}. */
export const chatReplySchema = z.discriminatedUnion('kind', [
  /** The question is stored and its answer is on the way. */
  z.object({ kind: z.literal('accepted'), chatId: z.uuid(), messageId: z.uuid(), stageId: z.uuid() }),
  z.object({ kind: z.literal('not_found') }),
  /** Another answer of the session is being written. */
  z.object({ kind: z.literal('conflict'), message: z.string() }),
  /** The session has no chat, or none yet. */
  z.object({ kind: z.literal('refused'), message: z.string() }),
]);
export type ChatReply = z.infer<typeof chatReplySchema>;
