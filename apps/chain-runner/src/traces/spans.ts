import type { RunStatus, SessionStatus } from '@tarsy/contracts';
import { placeOf, type FinishedSpan, type SpanContext, type SpanSubject } from '@tarsy/observability';
import type { AgentExecution, AlertSession, Stage } from '@tarsy/persistence';

/** Where the span of a session, a stage or an execution is, whoever exports it: `Tracing.contextOf`. */
export type PlaceOf = (sessionId: string, subject?: SpanSubject) => SpanContext;

/** Rows become spans once they say how they ended; undefined until then. */
export function spanOfSession(session: AlertSession, contextOf: PlaceOf): FinishedSpan | undefined {
  const { id, alertType, chainId, severity, source, status, createdAt, completedAt } = session;
  return ended({
    name: 'session',
    context: contextOf(id),
    startedAt: createdAt,
    completedAt,
    status,
    attributes: {
      ...placeOf({ sessionId: id }),
      'tarsy.alert.type': alertType,
      'tarsy.alert.severity': severity,
      'tarsy.alert.source': source,
      'tarsy.chain.id': chainId,
    },
  });
}

export function spanOfStage(stage: Stage, contextOf: PlaceOf): FinishedSpan | undefined {
  const { id, sessionId, stageName, stageIndex, stageType, status, startedAt, completedAt } = stage;
  return ended({
    name: `stage ${stageName}`,
    context: contextOf(sessionId, { stage: id }),
    parent: contextOf(sessionId),
    startedAt,
    completedAt,
    status,
    attributes: {
      ...placeOf({ sessionId, stageId: id }),
      'tarsy.stage.name': stageName,
      'tarsy.stage.index': stageIndex,
      'tarsy.stage.type': stageType,
    },
  });
}

export function spanOfExecution(execution: AgentExecution, contextOf: PlaceOf): FinishedSpan | undefined {
  const { id, sessionId, stageId, parentExecutionId, agentName, agentIndex, modelName, llmProvider } = execution;
  const parent = parentExecutionId === null ? { stage: stageId } : { execution: parentExecutionId };
  return ended({
    name: `invoke_agent ${agentName}`,
    context: contextOf(sessionId, { execution: id }),
    parent: contextOf(sessionId, parent),
    startedAt: execution.startedAt,
    completedAt: execution.completedAt,
    status: execution.status,
    errorType: execution.errorCode,
    attributes: {
      ...placeOf({ sessionId, stageId, executionId: id }),
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': agentName,
      ...(modelName === null ? {} : { 'gen_ai.request.model': modelName }),
      ...(llmProvider === null ? {} : { 'tarsy.llm.provider': llmProvider }),
      'tarsy.agent.index': agentIndex,
      'tarsy.iterations': execution.iterationsUsed,
    },
  });
}

interface Row extends Pick<FinishedSpan, 'name' | 'context' | 'parent' | 'attributes'> {
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly status: SessionStatus | RunStatus;
  readonly errorType?: string | null;
}

function ended({ startedAt, completedAt, status, errorType, attributes, ...span }: Row): FinishedSpan | undefined {
  if (completedAt === null) return undefined;
  const isGood = status === 'completed';
  return {
    ...span,
    // What was cancelled while it waited has never been started.
    startedAtMs: (startedAt ?? completedAt).getTime(),
    endedAtMs: completedAt.getTime(),
    attributes: { ...attributes, 'tarsy.status': status },
    ...(isGood ? {} : { errorType: errorType ?? status }),
  };
}
