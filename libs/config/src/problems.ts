import { AppError } from '@tarsy/core';

/** One thing that is wrong with the configuration. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Path below the configuration directory, or `environment`. */
  readonly file: string;
  /** Where in the file, both from 1; absent where it stands nowhere. */
  readonly line?: number;
  readonly column?: number;
  /** Top-level section, such as `agents`. */
  readonly component: string;
  /** Name of the entry in that section; empty where there is none. */
  readonly id: string;
  /** Dotted path of the field below the entry. */
  readonly field: string;
  readonly message: string;
}

/** `tarsy.yaml:12:5: agents.Detective.max_iterations: must be at least 1` */
export function formatProblem({ file, line, column, component, id, field, message }: Problem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return [place, [component, id, field].filter(Boolean).join('.'), message].filter(Boolean).join(': ');
}

/** The configuration can not be used. */
export class ConfigurationError extends AppError {
  override readonly code = 'CONFIGURATION_INVALID';
  override readonly retryable = false;
  /** All that makes it unusable, not just the first. */
  readonly problems: readonly Problem[];
  /** What is odd about it besides. */
  readonly warnings: readonly Problem[];

  constructor(found: readonly Problem[]) {
    const problems = found.filter(({ severity }) => severity === 'error');
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
    this.warnings = found.filter(({ severity }) => severity === 'warning');
  }
}
