import { describe, expect, it } from 'vitest';
import { brief, problemsOf } from '../configuration.fixture.js';

describe('queue', () => {
  it.each([
    ['queue: { worker_count: 51 }', ['tarsy.yaml:1:24: queue.worker_count: must be 1 to 50']],
    ['queue: { worker_count: -1 }', ['tarsy.yaml:1:24: queue.worker_count: must be 1 to 50']],
    ['queue: { max_concurrent_sessions: -1 }', ['tarsy.yaml:1:35: queue.max_concurrent_sessions: must be at least 1']],
    ['queue: { poll_interval: -1s }', ['tarsy.yaml:1:25: queue.poll_interval: must be positive']],
    ['queue: { poll_interval_jitter: -1s }', ['tarsy.yaml:1:32: queue.poll_interval_jitter: must not be negative']],
    [
      'queue: { poll_interval_jitter: 1s }',
      ['tarsy.yaml:1:32: queue.poll_interval_jitter: must be less than poll_interval'],
    ],
    ['queue: { session_timeout: -1m }', ['tarsy.yaml:1:27: queue.session_timeout: must be positive']],
    [
      'queue: { session_timeout: soon }',
      ['tarsy.yaml:1:27: queue.session_timeout: "soon" is not a duration such as 500ms, 90s or 1h30m'],
    ],
    [
      'queue: { graceful_shutdown_timeout: 30 }',
      ['tarsy.yaml:1:37: queue.graceful_shutdown_timeout: "30" is not a duration such as 500ms, 90s or 1h30m'],
    ],
    [
      'queue: { scoring_shutdown_timeout: -1m }',
      ['tarsy.yaml:1:36: queue.scoring_shutdown_timeout: must not be negative'],
    ],
    [
      'queue: { orphan_detection_interval: -1m }',
      ['tarsy.yaml:1:37: queue.orphan_detection_interval: must be positive'],
    ],
    ['queue: { orphan_threshold: -1m }', ['tarsy.yaml:1:28: queue.orphan_threshold: must be positive']],
    ['queue: { heartbeat_interval: -1s }', ['tarsy.yaml:1:30: queue.heartbeat_interval: must be positive']],
    [
      'queue: { heartbeat_interval: 5m }',
      ['tarsy.yaml:1:30: queue.heartbeat_interval: must be less than orphan_threshold'],
    ],
  ])('refuses %s', (tarsy, problems) => {
    expect(problemsOf({ tarsy }).map(brief)).toEqual(problems);
  });
});
