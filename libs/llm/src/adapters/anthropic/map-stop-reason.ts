import type { StopReason } from '../../language-model.js';

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content-filter',
};

export function mapStopReason(stopReason: string): StopReason {
  return STOP_REASONS[stopReason] ?? 'other';
}
