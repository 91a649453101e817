import type { StopReason } from '../../language-model.js';

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'stop',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  length: 'length',
  content_filter: 'content-filter',
};

export function mapStopReason(finishReason: string): StopReason {
  return STOP_REASONS[finishReason] ?? 'other';
}
