/** APIs that an adapter reads. */
export const VENDORS = ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const;
export type Vendor = (typeof VENDORS)[number];

export interface StreamSettings {
  readonly vendor: Vendor;
  readonly pieces: number;
  /** Pause before each piece; 0 sends all at once. */
  readonly everyMs: number;
}
