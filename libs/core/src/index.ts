export { AppError, codeOf, messageOf } from './app-error.js';
export { Clock, SystemClock } from './clock.js';
export { formatDuration, parseDurationMs } from './durations.js';
export { derivedId, derivedTimeId, newId, sha256 } from './ids.js';
