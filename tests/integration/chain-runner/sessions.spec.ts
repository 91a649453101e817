import { alertAccepted, executionOutcome, taskScheduled } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { eventually, RunnerFixture } from './fixture.js';

const runner = new RunnerFixture({ maxConcurrentSessions: 20 });

describe('a session', () => {
  it('goes through its stages to a conclusion, in this order on the session log', async () => {
    await runner.startRunner();
    runner.answer = runner.succeed;
    const sessionId = await runner.submit({ chainId: 'two-stages', alertType: 'Slow' });
    await runner.untilStatus(sessionId, 'completed');
    const lifecycle = await eventually(async () => {
      const events = await runner.lifecycleOf(sessionId);
      return events.some((event) => event.type === 'session-status-changed' && event.status === 'completed') && events;
    });
    expect(lifecycle.map((event) => event.revision)).toEqual(lifecycle.map((_, index) => index + 1));
    expect(
      lifecycle.map((event) =>
        event.type === 'stage-status-changed'
          ? `${event.stageName} ${event.status}`
          : event.type === 'session-status-changed'
            ? `session ${event.status}`
            : event.type === 'execution-status-changed'
              ? `execution ${event.status}`
              : event.type,
      ),
    ).toEqual([
      'session-created',
      'session in_progress',
      ...['look', 'compare', 'Executive Summary'].flatMap((name) => [
        `${name} active`,
        'execution active',
        'execution completed',
        `${name} completed`,
      ]),
      'session completed',
    ]);
    expect(await runner.reader.find(sessionId)).toMatchObject({
      final_analysis: 'result of compare',
      executive_summary: 'result of Executive Summary',
      total_stages: 3,
      completed_stages: 3,
      review_status: 'needs_review',
    });
  });
});
