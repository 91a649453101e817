import { AppError } from '@tarsy/core';

/** One thing that is wrong with the configuration. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** File name inside the configuration directory, or `environment`. */
  readonly file: string;
  /** Top-level section, such as `agents`. */
  readonly component: string;
  /** Name of the entry in that section; empty where there is none. */
  readonly id: string;
  /** Dotted path of the field below the entry. */
  readonly field: string;
  readonly message: string;
}

/** `tarsy.yaml: agents.Detective.max_iterations: must be at least 1` */
export function formatProblem({ file, component, id, field, message }: Problem): string {
  const place = [component, id, field].filter(Boolean).join('.');
  return [file, place, message].filter(Boolean).join(': ');
}

/** The configuration can not be used. `problems` holds all that is wrong with it, not just the first. */
export class ConfigurationError extends AppError {
  override readonly code = 'CONFIGURATION_INVALID';
  override readonly retryable = false;

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
  }
}
