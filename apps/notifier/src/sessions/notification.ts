import type { LifecycleEvent, TerminalStatus } from '@tarsy/contracts';

/** What people are told about a session. */
export type Notification =
  | { readonly kind: 'start'; readonly sessionId: string }
  | {
      readonly kind: 'pause';
      readonly sessionId: string;
      /** Tells one pause of a session from the next. */
      readonly revision: number;
    }
  | {
      readonly kind: 'end';
      readonly sessionId: string;
      readonly status: TerminalStatus;
      /** What it came to: a summary or analysis as Markdown, or the error. Absent where there is neither. */
      readonly body: string | undefined;
    };

/** The notification that a lifecycle event calls for; most call for none. */
export function notificationOf(event: LifecycleEvent): Notification | undefined {
  if (event.type !== 'session-status-changed') return undefined;
  const { sessionId, status } = event;
  switch (status) {
    case 'in_progress':
      return { kind: 'start', sessionId };
    case 'paused':
      return { kind: 'pause', sessionId, revision: event.revision };
    case 'completed':
      return { kind: 'end', sessionId, status, body: textOf(event.executiveSummary) ?? textOf(event.finalAnalysis) };
    case 'failed':
    case 'timed_out':
    case 'cancelled':
      return { kind: 'end', sessionId, status, body: textOf(event.errorMessage) };
    default:
      return undefined;
  }
}

const textOf = (text: string | undefined): string | undefined => text?.trim() || undefined;
