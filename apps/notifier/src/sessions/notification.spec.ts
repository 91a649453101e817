import type { LifecycleEvent } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { notificationOf } from './notification.js';

const sessionId = '0198c6a4-0000-7000-8000-000000000001';
const changed = (change: Partial<Extract<LifecycleEvent, { type: 'session-status-changed' }>>): LifecycleEvent => ({
  sessionId,
  revision: 2,
  at: '2026-01-01T00:00:00.000Z',
  type: 'session-status-changed',
  status: 'completed',
  ...change,
});

describe(notificationOf.name, () => {
  it('tells of the start when a session is in progress', () => {
    expect(notificationOf(changed({ status: 'in_progress' }))).toEqual({ kind: 'start', sessionId });
  });

  it('tells of each pause of a session', () => {
    expect(notificationOf(changed({ status: 'paused' }))).toEqual({ kind: 'pause', sessionId, revision: 2 });
  });

  it('prefers the executive summary of a completed session over its analysis', () => {
    const both = changed({ executiveSummary: ' short ', finalAnalysis: 'long' });
    expect(notificationOf(both)).toEqual({ kind: 'end', sessionId, status: 'completed', body: 'short' });
    expect(notificationOf(changed({ executiveSummary: ' ', finalAnalysis: 'long' }))).toMatchObject({ body: 'long' });
    expect(notificationOf(changed({}))).toMatchObject({ body: undefined });
  });

  it.each(['failed', 'timed_out', 'cancelled'] as const)('gives the error of a session that is %s', (status) => {
    const event = changed({ status, errorMessage: 'why', finalAnalysis: 'half of it' });
    expect(notificationOf(event)).toEqual({ kind: 'end', sessionId, status, body: 'why' });
  });

  it('says nothing about anything else', () => {
    expect(notificationOf(changed({ status: 'cancelling' }))).toBeUndefined();
    expect(notificationOf(changed({ status: 'pending' }))).toBeUndefined();
  });
});
