/** About 8,000 tokens: more of a tool's answer is in the model's conversation than anybody reads on a timeline. */
const STORED_RESULT_BYTES = 32_000;

/** Cuts a tool result for storage at the end of a line, with a note that says how much there was. */
export function storedText(text: string, limitBytes = STORED_RESULT_BYTES): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= limitBytes) return text;
  const kept = new TextDecoder('utf-8').decode(bytes.subarray(0, limitBytes)).replace(/\uFFFD+$/, '');
  const lineEnd = kept.lastIndexOf('\n');
  return `${lineEnd > 0 ? kept.slice(0, lineEnd) : kept}\n[truncated: ${bytes.length} bytes in all]`;
}
