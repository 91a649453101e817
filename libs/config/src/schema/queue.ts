import { z } from 'zod';
import { durationSchema, positiveDurationSchema } from './primitives.js';

/**
 * Keys of TARSy's polling queue are accepted and checked; those that JetStream makes needless have no effect. A zero means "not set".
 */
export const queueSchema = z.looseObject({
  worker_count: z.int('must be a whole number').min(1, 'must be 1 to 50').max(50, 'must be 1 to 50').default(5).describe('Accepted without effect: workers are processes of their own.'), // prettier-ignore
  max_concurrent_sessions: z.int('must be a whole number').min(1, 'must be at least 1').default(5).describe('Sessions in progress at once, in the whole deployment.'), // prettier-ignore
  poll_interval: positiveDurationSchema.default('1s').describe('Accepted without effect: nothing polls.'),
  poll_interval_jitter: durationSchema.default('500ms').describe('Accepted without effect: nothing polls.'),
  session_timeout: positiveDurationSchema.default('40m').describe('Longest time of one session.'),
  graceful_shutdown_timeout: positiveDurationSchema.default('40m').describe('Accepted without effect: sessions outlive their process.'), // prettier-ignore
  scoring_shutdown_timeout: durationSchema.default('3m').describe('Accepted without effect: sessions outlive their process.'), // prettier-ignore
  orphan_detection_interval: positiveDurationSchema.default('5m').describe('Accepted without effect: work of a dead process moves within seconds.'), // prettier-ignore
  orphan_threshold: positiveDurationSchema.default('5m').describe('Accepted without effect: work of a dead process moves within seconds.'), // prettier-ignore
  heartbeat_interval: positiveDurationSchema.default('30s').describe('Accepted without effect: work of a dead process moves within seconds.'), // prettier-ignore
});
export type QueueEntry = z.output<typeof queueSchema>;
