import type { RequestedToolCall } from '@tarsy/contracts';

/**
 * Splits the calls of one turn into groups that run one after another, in the model's order: neighbours that only read run at the
 * same time, anything else runs alone.
 */
export function callGroups(
  calls: readonly RequestedToolCall[],
  isReadOnly: (call: RequestedToolCall) => boolean,
): RequestedToolCall[][] {
  const groups: RequestedToolCall[][] = [];
  let lastIsReadOnly = false;
  for (const call of calls) {
    const readOnly = isReadOnly(call);
    if (readOnly && lastIsReadOnly) groups.at(-1)!.push(call);
    else groups.push([call]);
    lastIsReadOnly = readOnly;
  }
  return groups;
}
