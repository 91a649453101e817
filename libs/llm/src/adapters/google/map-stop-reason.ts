import type { StopReason } from '../../language-model.js';

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
};

/** The API says `STOP` also where it stopped to have functions called. */
export function mapStopReason(finishReason: string, hasCalls: boolean): StopReason {
  const stopReason = STOP_REASONS[finishReason] ?? 'other';
  return stopReason === 'stop' && hasCalls ? 'tool-calls' : stopReason;
}
