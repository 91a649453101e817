import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

/** More than any model reads at once; the rest is cut and said to be. */
const LONGEST_RESULT_BYTES = 1024 ** 2;

/** Text parts of a tool's answer, one below the other; other content is named, not shown. */
export function resultText({ content, structuredContent }: CallToolResult): string {
  const parts = (content ?? []).map((part) => {
    if (part.type === 'text') return part.text;
    if (part.type === 'resource' && 'text' in part.resource && typeof part.resource.text === 'string')
      return part.resource.text;
    return `[${part.type} left out]`;
  });
  const text = parts.length > 0 ? parts.join('\n') : structuredContent ? JSON.stringify(structuredContent) : '';
  return cut(text);
}

/** At a line end, so that no half of a secret is left that masking would not recognise. */
function cut(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= LONGEST_RESULT_BYTES) return text;
  const kept = bytes.subarray(0, LONGEST_RESULT_BYTES);
  const lineEnd = kept.lastIndexOf('\n');
  // One endless line is cut where it must be.
  const end = lineEnd > LONGEST_RESULT_BYTES / 2 ? lineEnd : kept.length;
  const start = new TextDecoder().decode(kept.subarray(0, end)).replace(/\uFFFD+$/, '');
  return `${start}\n[cut: the answer has ${bytes.length} bytes]`;
}
