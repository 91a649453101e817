import messages from './en.json';
import { filledIn } from './plural';

export type TextKey = keyof typeof messages;

/** The text of `key` with its values filled in. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return filledIn(messages[key], values);
}
