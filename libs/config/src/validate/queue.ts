import { isDuration, millisecondsOf } from '../schema/primitives.js';
import type { Checked, Report } from './checked.js';

const ZERO_DURATION = /^[+-]?(0+(\.0+)?[a-zµ]*)+$/;

/** A zero means "not set": it is left out with a warning, so that the default applies. */
export function withoutZeros(queue: unknown, report: Report): unknown {
  if (typeof queue !== 'object' || queue === null) return queue;
  const isZero = (value: unknown): boolean => value === 0 || (typeof value === 'string' && ZERO_DURATION.test(value));
  return Object.fromEntries(
    Object.entries(queue).filter(([key, value]) => {
      if (isZero(value)) report.warning(['queue', key], 'zero means "not set": the default applies');
      return !isZero(value);
    }),
  );
}

export function checkQueue({ tarsy: { queue } }: Checked, report: Report): void {
  const milliseconds = (text: string): number => (isDuration(text) ? millisecondsOf(text) : 0);
  const jitter = milliseconds(queue.poll_interval_jitter);
  if (jitter < 0) report.error(['queue', 'poll_interval_jitter'], 'must not be negative');
  if (jitter >= milliseconds(queue.poll_interval))
    report.error(['queue', 'poll_interval_jitter'], 'must be less than poll_interval');
  if (milliseconds(queue.scoring_shutdown_timeout) < 0)
    report.error(['queue', 'scoring_shutdown_timeout'], 'must not be negative');
  if (milliseconds(queue.heartbeat_interval) >= milliseconds(queue.orphan_threshold))
    report.error(['queue', 'heartbeat_interval'], 'must be less than orphan_threshold');
}
