import type { CommandVerb, Priority, Severity } from './enumerations.js';
import type { StreamName } from './streams.js';

/** The only place where a subject is put together. Every argument must be one token: no dot, space, `*` or `>`. */
export const subjects = {
  rawAlert: (format: string) => `tarsy.alerts.raw.${token(format)}`,
  acceptedAlert: (severity: Severity, sessionId: string) => `tarsy.alerts.accepted.${severity}.${token(sessionId)}`,
  /** The accepted alert of one session, whatever its severity; a filter. */
  acceptedAlertOfSession: (sessionId: string) => `tarsy.alerts.accepted.*.${token(sessionId)}`,
  resolvedAlert: (groupId: string) => `tarsy.alerts.resolved.${token(groupId)}`,
  task: (pool: string, priority: Priority) => `tarsy.tasks.${token(pool)}.${priority}`,
  outcome: (executionId: string) => `tarsy.outcomes.${token(executionId)}`,
  /** Executions that wait, beside those that ended. */
  parked: (executionId: string) => `tarsy.outcomes.parked.${token(executionId)}`,
  toolCall: (server: string) => `tarsy.toolcalls.${token(server)}`,
  command: (verb: CommandVerb) => `tarsy.commands.${verb}`,
  /** Where a delayed command waits until its time; JetStream then publishes it to {@link subjects.command}. */
  commandSchedule: (scheduleId: string) => `tarsy.commands.schedule.${token(scheduleId)}`,
  lifecycle: (sessionId: string) => `tarsy.sessions.${token(sessionId)}.lifecycle`,
  journal: (sessionId: string, executionId: string) =>
    `tarsy.sessions.${token(sessionId)}.journal.${token(executionId)}`,
  toolResult: (sessionId: string, executionId: string, callId: string) =>
    `tarsy.sessions.${token(sessionId)}.tools.${token(executionId)}.${token(callId)}`,
  /** Every tool result of one execution. */
  toolResults: (sessionId: string, executionId: string) =>
    `tarsy.sessions.${token(sessionId)}.tools.${token(executionId)}.*`,
  /** Tells that a tool result is stored; see `notice` of a message definition. */
  toolResultNotice: (sessionId: string, executionId: string, callId: string) =>
    `tarsy.notices.tools.${token(sessionId)}.${token(executionId)}.${token(callId)}`,
  /** Notices of every tool result of one execution. */
  toolResultNotices: (sessionId: string, executionId: string) =>
    `tarsy.notices.tools.${token(sessionId)}.${token(executionId)}.*`,
  mailbox: (sessionId: string, executionId: string) =>
    `tarsy.sessions.${token(sessionId)}.mailbox.${token(executionId)}`,
  /** The whole log of one session. */
  session: (sessionId: string) => `tarsy.sessions.${token(sessionId)}.>`,
  chunks: (sessionId: string, executionId: string) => `tarsy.chunks.${token(sessionId)}.${token(executionId)}`,
  sessionChunks: (sessionId: string) => `tarsy.chunks.${token(sessionId)}.*`,
  deadLetter: (stream: StreamName) => `tarsy.deadletters.${stream}`,
  /** Where a consumer of the session log gets a message again that it had given up, and nobody else does. */
  redelivery: (consumer: string) => `tarsy.redeliveries.${token(consumer)}`,
  /** Where whoever sent a command waits for its answer. In no stream. */
  reply: (replyId: string) => `tarsy.replies.${token(replyId)}`,
  /** A question that any replica of one service answers; see lookups. In no stream. */
  lookup: (what: string) => `tarsy.lookups.${token(what)}`,
  /** Where whoever asked waits for the answer to a lookup. In no stream. */
  answer: (answerId: string) => `tarsy.answers.${token(answerId)}`,
} as const;

/** Filters for consumers that listen to more than one subject. */
export const subjectFilters = {
  rawAlerts: 'tarsy.alerts.raw.*',
  acceptedAlerts: 'tarsy.alerts.accepted.*.*',
  resolvedAlerts: 'tarsy.alerts.resolved.*',
  tasks: 'tarsy.tasks.*.*',
  tasksOfPool: (pool: string) => `tarsy.tasks.${token(pool)}.*`,
  outcomes: 'tarsy.outcomes.*',
  parked: 'tarsy.outcomes.parked.*',
  toolCalls: 'tarsy.toolcalls.*',
  commands: 'tarsy.commands.*',
  commandSchedules: 'tarsy.commands.schedule.*',
  replies: 'tarsy.replies.*',
  answers: 'tarsy.answers.*',
  redeliveries: 'tarsy.redeliveries.*',
  chunks: 'tarsy.chunks.*.*',
  lifecycles: 'tarsy.sessions.*.lifecycle',
  journals: 'tarsy.sessions.*.journal.*',
  toolResults: 'tarsy.sessions.*.tools.*.*',
  toolResultNotices: 'tarsy.notices.tools.*.*.*',
  mailboxes: 'tarsy.sessions.*.mailbox.*',
  everySession: 'tarsy.sessions.>',
} as const;

/** @throws {TypeError} the text can not be one subject token */
function token(text: string): string {
  if (!/^[^\s.*>]+$/.test(text)) throw new TypeError(`"${text}" can not be part of a NATS subject`);
  return text;
}
