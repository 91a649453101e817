import type { LanguageModelEvent } from '../../language-model.js';

type ToolCallEvent = LanguageModelEvent & { type: 'tool-call' };

interface PartialCall {
  index: number | undefined;
  id: string;
  name: string;
  argumentsText: string;
}

/** Puts tool calls together that arrive in pieces. Lenient: some servers leave out the index, repeat it, or give no id. */
export class ToolCallAssembly {
  readonly #calls: PartialCall[] = [];

  add(delta: unknown): void {
    const { index, id, function: called } = (delta ?? {}) as Record<string, unknown>;
    const { name, arguments: received } = (called ?? {}) as Record<string, unknown>;
    const call = this.#callFor(numberOr(index), textOf(id), textOf(name));
    if (call.id === '') call.id = textOf(id);
    if (call.name === '') call.name = textOf(name);
    call.argumentsText +=
      typeof received === 'object' && received !== null ? JSON.stringify(received) : textOf(received);
  }

  /** The finished calls, in order; ids are made up where there are none, or where two are the same. */
  finish(makeId: () => string): ToolCallEvent[] {
    const used = new Set<string>();
    return this.#calls
      .filter((call) => call.name !== '')
      .map((call) => {
        const vendorCallId = call.id === '' || used.has(call.id) ? makeId() : call.id;
        used.add(vendorCallId);
        return { type: 'tool-call', vendorCallId, name: call.name, argumentsText: call.argumentsText };
      });
  }

  #callFor(index: number | undefined, id: string, name: string): PartialCall {
    const last = this.#calls.at(-1);
    const sameIndex = index === undefined ? last : this.#calls.findLast((call) => call.index === index);
    // A second id or name under the same index is another call.
    const isOther =
      sameIndex === undefined ||
      (id !== '' && sameIndex.id !== '' && id !== sameIndex.id) ||
      (index === undefined && id === '' && name !== '' && sameIndex.name !== '');
    if (!isOther) return sameIndex;
    const call = { index, id: '', name: '', argumentsText: '' };
    this.#calls.push(call);
    return call;
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOr = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
