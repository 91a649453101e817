import type { JournalEntry, SessionDetail, TimelineEventView, ToolCallCompleted } from '@tarsy/contracts';
import { SessionLog, type SessionLogMessage } from '@tarsy/messaging';
import { lastAnswer } from '@tarsy/testing';
import type { ChaosSystem } from './chaos-system.js';
import { doubled, lost, lostOrDoubled, stuck, type Finding } from './finding.js';
import { modelProblems } from './model-audit.js';

/**
 * Compares what everybody saw of a finished session: its log, the model server, the tool server and the database.
 * @param workersKilled How many workers were killed meanwhile, where that is known: each explains one repeated request of a turn.
 * @returns what is wrong; nothing when no step was lost, repeated or left open
 */
export async function audit(
  chaos: ChaosSystem,
  sessionId: string,
  marker: string,
  workersKilled = Infinity,
): Promise<Finding[]> {
  // What is committed may be published a moment later; what was cut off in between, with the redelivery.
  const log = await lastAnswer(() => readLog(chaos, sessionId), hasEnded, SETTLED);
  return [
    ...lifecycleProblems(log),
    ...journalProblems(log),
    ...modelProblems(chaos, log, marker, workersKilled),
    ...toolProblems(chaos, log, marker),
    ...(await recordProblems(chaos, log, sessionId)),
  ].map(({ kind, text }) => ({ kind, text: `${sessionId}: ${text}` }));
}

/** What is still missing after a minute is a finding. */
const SETTLED = { timeoutMs: 60_000, everyMs: 50 };

function hasEnded(log: readonly SessionLogMessage[]): boolean {
  return log.some(
    (message) =>
      message.kind === 'lifecycle' &&
      message.event.type === 'session-status-changed' &&
      message.event.status === 'completed',
  );
}

async function readLog({ messaging }: ChaosSystem, sessionId: string): Promise<SessionLogMessage[]> {
  const log = new SessionLog(messaging);
  const last = await log.lastSequence(sessionId);
  const messages: SessionLogMessage[] = [];
  const end = new AbortController();
  for await (const message of log.follow(sessionId, 0, end.signal)) {
    messages.push(message);
    if (message.sequence >= last) break;
  }
  end.abort();
  return messages;
}

function lifecycleProblems(log: readonly SessionLogMessage[]): Finding[] {
  const events = log.flatMap((message) => (message.kind === 'lifecycle' ? [message.event] : []));
  const problems = events.flatMap(
    ({ revision }, index) =>
    revision === index + 1 ? [] : [lostOrDoubled(revision - index - 1, `lifecycle event ${index + 1} has revision ${revision}`)], // prettier-ignore
  );
  const ends = events.filter((event) => event.type === 'session-status-changed' && event.status === 'completed');
  if (ends.length === 0) problems.push(stuck('it was never completed'));
  if (ends.length > 1) problems.push(doubled(`it was completed ${ends.length} times`));
  if (events.at(-1) !== ends.at(-1)) problems.push(doubled('something follows its end'));
  return problems;
}

function journalsOf(log: readonly SessionLogMessage[]): Map<string, JournalEntry[]> {
  return Map.groupBy(
    log.flatMap((message) => (message.kind === 'journal' ? [message.entry] : [])),
    ({ executionId }) => executionId,
  );
}

function journalProblems(log: readonly SessionLogMessage[]): Finding[] {
  return [...journalsOf(log)].flatMap(([executionId, entries]) => {
    const problems = entries.flatMap(
      ({ entry }, index) =>
      entry === index + 1 ? [] : [lostOrDoubled(entry - index - 1, `entry ${index + 1} of the journal of ${executionId} is numbered ${entry}`)], // prettier-ignore
    );
    const turns = entries.flatMap((entry) => (entry.type === 'turn' ? [entry.turn] : []));
    if (new Set(turns).size !== turns.length) problems.push(doubled(`a turn of ${executionId} was journaled twice`));
    const calls = entries.flatMap((entry) => (entry.type === 'tool-requested' ? [entry.callId] : []));
    if (new Set(calls).size !== calls.length) problems.push(doubled(`a call of ${executionId} was journaled twice`));
    if (entries.filter(({ type }) => type === 'concluded').length !== 1 || entries.at(-1)?.type !== 'concluded')
      problems.push(stuck(`the journal of ${executionId} does not end with its one conclusion`));
    return problems;
  });
}

/** A call that has a result must not run again, and one that may not be repeated must run once at most. */
function toolProblems({ toolRuns }: ChaosSystem, log: readonly SessionLogMessage[], marker: string): Finding[] {
  const results = new Map<string, { result: ToolCallCompleted; atMs: number }>();
  for (const message of log)
    if (message.kind === 'tool-result')
      results.set(`${message.result.executionId}:${message.result.callId}`, {
        result: message.result,
        atMs: message.publishedAt.getTime(),
      });
  const requested = log.flatMap((message) =>
    message.kind === 'journal' && message.entry.type === 'tool-requested' ? [message.entry] : [],
  );
  const keys = new Set(requested.map(({ arguments: given }) => String(given['key'])));
  const strays = toolRuns.all().filter(({ key, phase }) => phase === 'started' && key.startsWith(marker) && !keys.has(key)); // prettier-ignore
  const problems = strays.map(({ tool, key }) => doubled(`${tool} ${key} ran and nobody had asked for it`));
  return problems.concat(
    requested.flatMap((entry) => {
      const { executionId, callId, tool, arguments: given } = entry;
      const key = String(given['key']);
      const stored = results.get(`${executionId}:${callId}`);
      if (stored === undefined) return [lost(`the call of ${tool} ${key} has no result`)];
      const runs = toolRuns.of(key).filter(({ phase }) => phase === 'started');
      const problems: Finding[] = [];
      if (stored.result.outcome === 'ok' && runs.length === 0)
        problems.push(lost(`${tool} ${key} has a result and never ran`));
      if (runs.some(({ atMs }) => atMs > stored.atMs))
        problems.push(doubled(`${tool} ${key} ran again after its result was stored`));
      if (tool === 'change' && runs.length > 1) problems.push(doubled(`change ${key} ran ${runs.length} times`));
      return problems;
    }),
  );
}

/** The database must show the same, with nothing left open. */
async function recordProblems(
  { system }: ChaosSystem,
  log: readonly SessionLogMessage[],
  sessionId: string,
): Promise<Finding[]> {
  const calls = log.filter(
    (message) =>
      message.kind === 'tool-result' || (message.kind === 'journal' && message.entry.type === 'tool-answered'),
  ).length;
  const turns = log.flatMap((message) =>
    message.kind === 'journal' && message.entry.type === 'turn' && message.entry.text !== '' ? [message.entry] : [],
  ).length;
  // The recorder may be a moment behind the session's end.
  const events = await lastAnswer(
    () => system.get<TimelineEventView[]>(`/sessions/${sessionId}/timeline`),
    (all) =>
      all.filter(({ event_type }) => event_type === 'llm_tool_call').length >= calls &&
      all.every(({ status }) => status !== 'streaming') &&
      all.filter(({ event_type }) => ['llm_response', 'final_analysis', 'executive_summary'].includes(event_type)).length >= turns, // prettier-ignore
    SETTLED,
  );
  const problems = events.flatMap(({ id, event_type, status }) =>
    status === 'streaming' ? [stuck(`event ${id} (${event_type}) is still open`)] : [],
  );
  if (new Set(events.map(({ id }) => id)).size !== events.length)
    problems.push(doubled('its timeline holds an event twice'));
  const recorded = events.filter(({ event_type }) => event_type === 'llm_tool_call').length;
  if (recorded !== calls)
    problems.push(lostOrDoubled(calls - recorded, `its timeline holds ${recorded} tool calls and its log ${calls}`));
  const session = await system.get<SessionDetail>(`/sessions/${sessionId}`);
  if (session.status !== 'completed') problems.push(stuck(`it is stored as ${session.status}`));
  for (const { stage_name: name, status, executions = [] } of session.stages)
    for (const part of [status, ...executions.flatMap(statusesOf)])
      if (part !== 'completed') problems.push(stuck(`stage ${name} holds a ${part} part`));
  return problems;
}

interface Execution {
  readonly status: string;
  readonly sub_agents?: readonly Execution[];
}

function statusesOf({ status, sub_agents: subAgents = [] }: Execution): string[] {
  return [status, ...subAgents.flatMap(statusesOf)];
}
