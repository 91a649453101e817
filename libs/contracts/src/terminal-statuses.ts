import type { SessionStatus } from './enumerations.js';

/** The statuses that no session leaves again. Without zod in its file, so that the dashboard need not load it. */
export const TERMINAL_SESSION_STATUSES: readonly SessionStatus[] = ['completed', 'failed', 'cancelled', 'timed_out'];
