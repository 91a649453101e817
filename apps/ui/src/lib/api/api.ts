import type {
  AlertTypes,
  CancelAnswer,
  ChatAnswer,
  ChatRequest,
  DeadLettersView,
  ErrorAnswer,
  FilterOptions,
  GuidanceAnswer,
  GuidanceRequest,
  LlmInteractionDetail,
  McpInteractionDetail,
  McpServersView,
  QueuesView,
  ServicesView,
  ResumeAnswer,
  SessionDetail,
  SessionList,
  SessionTrace,
  SystemWarnings,
  TimelineEventView,
} from '@tarsy/contracts';
import { ApiError, explanationOf } from './api-error';

const API = '/api/v1';
/** Longer than the server ever takes to answer. */
const TIMEOUT_MS = 30_000;

/** @throws {ApiError} any answer that is no success */
async function request<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const response = await answerTo(path, init);
  if (!response.ok) throw new ApiError(response.status, explanationOf(response.status, await messageOf(response)));
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

const JSON_BODY = { 'content-type': 'application/json' };
const posted = (body: object): RequestInit => ({ method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) });

async function answerTo(path: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(`${API}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS), ...init });
  } catch {
    throw new ApiError(0, explanationOf(0, undefined));
  }
}

async function messageOf(response: Response): Promise<string | undefined> {
  const body = (await response.json().catch(() => undefined)) as Partial<ErrorAnswer> | undefined;
  return body?.message;
}

/** @param query As the API takes it, without the question mark. */
export const listSessions = (query: string): Promise<SessionList> => request(`/sessions?${query}`);
export const readFilterOptions = (): Promise<FilterOptions> => request('/sessions/filter-options');
export const readSession = (id: string): Promise<SessionDetail> => request(`/sessions/${id}`);
export const readTimeline = (id: string): Promise<TimelineEventView[]> => request(`/sessions/${id}/timeline`);
export const cancelSession = (id: string): Promise<CancelAnswer> =>
  request(`/sessions/${id}/cancel`, { method: 'POST' });

/** A paused session queues for a slot and goes on. */
export const resumeSession = (id: string): Promise<ResumeAnswer> =>
  request(`/sessions/${id}/resume`, { method: 'POST' });

/** Only a paused one can be given up; the others of its stage are left alone. */
export const cancelExecution = (id: string, executionId: string): Promise<CancelAnswer> =>
  request(`/sessions/${id}/executions/${executionId}/cancel`, { method: 'POST' });
export const guideSession = (id: string, guidance: GuidanceRequest): Promise<GuidanceAnswer> =>
  request(`/sessions/${id}/guidance`, posted(guidance));

/** The answer is told by the session's events. */
export const askQuestion = (id: string, question: ChatRequest): Promise<ChatAnswer> =>
  request(`/sessions/${id}/chat/messages`, posted(question));

export const readTrace = (id: string): Promise<SessionTrace> => request(`/sessions/${id}/trace`);
export const readModelCall = (id: string, interactionId: string): Promise<LlmInteractionDetail> =>
  request(`/sessions/${id}/trace/llm/${interactionId}`);
export const readToolCall = (id: string, interactionId: string): Promise<McpInteractionDetail> =>
  request(`/sessions/${id}/trace/mcp/${interactionId}`);

export const readAlertTypes = (): Promise<AlertTypes> => request('/alert-types');

export interface AlertSubmission {
  readonly data: string;
  readonly alert_type?: string;
  readonly runbook?: string;
  readonly severity?: string;
}

/** @param idempotencyKey Sent again with a repeated submission, so that it makes no second session. */
export const submitAlert = (alert: AlertSubmission, idempotencyKey: string): Promise<{ session_id: string }> =>
  request('/alerts', {
    ...posted(alert),
    headers: { ...JSON_BODY, 'idempotency-key': idempotencyKey },
  });

export const readServices = (): Promise<ServicesView> => request('/system/services');
export const readQueues = (): Promise<QueuesView> => request('/system/queues');
export const readToolServers = (): Promise<McpServersView> => request('/system/mcp-servers');
export const readWarnings = (): Promise<SystemWarnings> => request('/system/warnings');
/** @param before Sequence to read on from; absent reads the newest. */
export const readDeadLetters = (before?: number): Promise<DeadLettersView> =>
  request(`/system/dead-letters${before === undefined ? '' : `?before=${before}`}`);
export const replayDeadLetter = (sequence: number): Promise<void> =>
  request(`/system/dead-letters/${sequence}/replay`, { method: 'POST' });
export const discardDeadLetter = (sequence: number): Promise<void> =>
  request(`/system/dead-letters/${sequence}`, { method: 'DELETE' });

export const sessionStreamUrl = (id: string): string => `${API}/sessions/${id}/stream`;
export const socketUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${API}/ws`;
