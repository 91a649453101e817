/** Something that a crash must not do: lose a step, do one twice, or leave one that never ends. */
export interface Finding {
  readonly kind: 'lost' | 'doubled' | 'stuck';
  readonly text: string;
}

export const lost = (text: string): Finding => ({ kind: 'lost', text });
export const doubled = (text: string): Finding => ({ kind: 'doubled', text });
export const stuck = (text: string): Finding => ({ kind: 'stuck', text });

export function lostOrDoubled(missing: number, text: string): Finding {
  return missing > 0 ? lost(text) : doubled(text);
}
