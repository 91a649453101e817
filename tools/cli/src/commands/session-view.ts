import type { LiveEvent, SessionDetail } from '@tarsy/contracts';
import { formatDuration } from '@tarsy/core';
import { colors } from './colors.js';

const LONGEST_ARGUMENTS = 120;

/** Writes a session's live events as a person reads them; pieces of an answer as they come. */
export class SessionView {
  readonly #lengths = new Map<string, number>();
  readonly #kinds = new Map<string, string>();
  #current: string | undefined;

  constructor(private readonly write: (text: string) => void) {}

  show(event: LiveEvent): void {
    switch (event.type) {
      case 'session.status':
        return this.#line(`${colors.bold('session')} ${event.status}`);
      case 'stage.status':
        return this.#line(
          `${colors.cyan('stage')} ${event.stage_index} ${colors.bold(event.stage_name)} ${event.status}`,
        );
      case 'timeline_event.created':
        this.#kinds.set(event.event_id, event.event_type);
        if (event.event_type === 'llm_tool_call')
          return this.#line(`  ${colors.yellow('→')} ${toolOf(event.metadata)}`);
        if (event.status === 'streaming') this.#lengths.set(event.event_id, 0);
        return;
      case 'stream.chunk':
        return this.#piece(event.event_id, event.offset, event.delta);
      case 'timeline_event.completed':
        return this.#completed(event);
      default:
    }
  }

  #piece(id: string, offset: number, delta: string): void {
    const seen = this.#lengths.get(id) ?? 0;
    const fresh = delta.slice(Math.max(0, seen - offset));
    if (!fresh || offset > seen) return;
    if (this.#current !== id) {
      this.#endLine();
      this.#current = id;
      this.write('  ');
    }
    this.#lengths.set(id, seen + fresh.length);
    const text = fresh.replaceAll('\n', '\n  ');
    this.write(this.#kinds.get(id) === 'llm_thinking' ? colors.dim(text) : text);
  }

  #completed(event: Extract<LiveEvent, { type: 'timeline_event.completed' }>): void {
    if (event.event_type === 'llm_tool_call') {
      const failed = event.metadata?.['is_error'] === true;
      const firstLine = event.content.split('\n', 1)[0] ?? '';
      return this.#line(
        `  ${failed ? colors.red('✗') : colors.green('←')} ${failed ? firstLine.slice(0, 160) : `${event.content.length} characters`}`,
      );
    }
    if (event.event_type === 'error') return this.#line(`  ${colors.red('error')} ${event.content}`);
    if (event.event_type !== 'llm_response' && event.event_type !== 'llm_thinking') return;
    this.#piece(event.event_id, 0, event.content);
    this.#lengths.delete(event.event_id);
    this.#endLine();
  }

  #line(text: string): void {
    this.#endLine();
    this.write(`${text}\n`);
  }

  #endLine(): void {
    if (this.#current === undefined) return;
    this.#current = undefined;
    this.write('\n');
  }
}

function toolOf(metadata: Readonly<Record<string, unknown>> | undefined): string {
  const { server_name: server, tool_name: tool, arguments: given } = metadata ?? {};
  const text = JSON.stringify(given ?? {});
  return `${[server, tool].filter(Boolean).join('.')} ${colors.dim(text.length > LONGEST_ARGUMENTS ? `${text.slice(0, LONGEST_ARGUMENTS)}…` : text)}`;
}

export function describeSession(session: SessionDetail): string {
  const model = session.stages.flatMap(({ executions }) => executions ?? [])[0]?.model_name;
  return [
    `${colors.bold(session.status)}  ${session.alert_type ?? ''}  chain ${session.chain_id}${model ? `  model ${model}` : ''}`,
    ...(session.duration_ms === null ? [] : [`duration ${formatDuration(Math.round(session.duration_ms))}`]),
    ...(session.error_message ? [colors.red(session.error_message)] : []),
    ...(session.executive_summary ? ['', colors.bold('Summary'), session.executive_summary] : []),
    ...(session.final_analysis ? ['', colors.bold('Analysis'), session.final_analysis] : []),
  ].join('\n');
}
