import type { Part } from '@google/genai';
import type { VendorState } from '@tarsy/contracts';
import { list } from '../untyped.js';

/** Stands for a signature where another model made the call; Google documents it for just that. */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/**
 * The parts of an answer as they have to go back: with signatures, with the ids of calls, and with what the vendor's own tools did.
 * Undefined where plain text says as much.
 */
export function stateOf(parts: readonly Part[], source: string): VendorState | undefined {
  const kept = parts.filter((part) => part.inlineData === undefined && (!part.thought || part.thoughtSignature !== undefined)); // prettier-ignore
  const isPlain = kept.every((part) => part.text !== undefined && part.thoughtSignature === undefined);
  return isPlain ? undefined : { source, data: joinTexts(kept) };
}

/** None when another model made the state: it could not read it. */
export function partsOf(state: VendorState | undefined, source: string): Part[] {
  return state?.source === source ? (list(state.data) as Part[]) : [];
}

/** Signed models refuse a history in which a call is not; the first call of an answer is the one that is looked at. */
export function withPlaceholder(parts: Part[]): Part[] {
  const first = parts.findIndex(({ functionCall }) => functionCall !== undefined);
  return parts.map((part, index) => (index === first ? { ...part, thoughtSignature: NO_SIGNATURE } : part));
}

function joinTexts(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (isPlainText(part) && last !== undefined && isPlainText(last))
      joined[joined.length - 1] = { text: `${last.text}${part.text}` };
    else joined.push(part);
  }
  return joined;
}

const isPlainText = (part: Part): boolean => Object.keys(part).every((key) => key === 'text');
