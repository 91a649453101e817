import type { McpSelection, SessionBudget, Severity } from '@tarsy/contracts';

/** What every producer's alert becomes before it is checked against the configuration. */
export interface ParsedAlert {
  readonly source: string;
  /** Text for the investigation, not masked yet. */
  readonly data: string;
  /** Absent: the configured default. A type that no chain handles is an error only where the producer chose it on purpose. */
  readonly alertType: string | undefined;
  readonly isTypeBinding: boolean;
  readonly severity: Severity;
  readonly title: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly runbookUrl?: string;
  readonly mcpSelection?: McpSelection;
  readonly budget?: SessionBudget;
  readonly slackMessageFingerprint?: string;
  /** Set where the producer groups and repeats: the same group is the same session. */
  readonly group?: {
    readonly key: string;
    readonly fingerprints: readonly string[];
    /** Earliest start of what fires, in milliseconds since 1970. */
    readonly startedAtMs: number;
  };
}

export interface Resolution {
  readonly source: string;
  readonly groupKey: string;
  readonly fingerprints: readonly string[];
  /** Latest end, in milliseconds since 1970. */
  readonly resolvedAtMs: number;
}

/** One request of one producer. */
export interface ParsedRequest {
  readonly alert: ParsedAlert | undefined;
  readonly resolution: Resolution | undefined;
  /** Alerts taken, firing and resolved. */
  readonly accepted: number;
}

/**
 * Reads one producer's format. Pure.
 * @param body Parsed JSON of any shape.
 * @throws {AlertRefusedError} the body is no alert of this format
 */
export type AlertFormat = (body: unknown, nowMs: number) => ParsedRequest;
