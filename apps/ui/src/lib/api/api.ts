import type { ErrorAnswer, SessionDetail, SessionList } from '@tarsy/contracts';

const API = '/api/v1';

async function request<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(`${API}${path}`, init);
  if (!response.ok) throw new Error(await reasonOf(response));
  return (await response.json()) as Answer;
}

async function reasonOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as Partial<ErrorAnswer> | undefined;
  return body?.message ?? `HTTP ${response.status}`;
}

/** @param page From 1. */
export const listSessions = (page: number, pageSize = 25): Promise<SessionList> =>
  request(`/sessions?page=${page}&page_size=${pageSize}`);

export const readSession = (sessionId: string): Promise<SessionDetail> => request(`/sessions/${sessionId}`);

export const cancelSession = (sessionId: string): Promise<unknown> =>
  request(`/sessions/${sessionId}/cancel`, { method: 'POST' });

export const sessionStreamUrl = (sessionId: string): string => `${API}/sessions/${sessionId}/stream`;

export const socketUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${API}/ws`;
