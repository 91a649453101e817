/** Base of every error that TARSy raises on purpose. */
export abstract class AppError extends Error {
  /** Stable, upper snake case; alerts, dashboards and tests match on it, never on `message`. */
  abstract readonly code: string;
  /** True when the same input may succeed later. */
  abstract readonly retryable: boolean;
  /** Earliest useful retry, in milliseconds; absent leaves it to the consumer's backoff. */
  readonly retryAfterMs?: number;

  constructor(message: string, options?: ErrorOptions & { retryAfterMs?: number }) {
    super(message, options);
    this.name = new.target.name;
    if (options?.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of anything that was thrown: an {@link AppError}'s own, a system error's (`ECONNREFUSED`), else `INTERNAL`. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'INTERNAL';
}
