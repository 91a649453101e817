import type { Fields } from './dialect.js';

interface Content {
  readonly role?: string;
  readonly parts?: readonly Fields[];
}

/** What Gemini's API would refuse about calls and their results, in about its words; undefined where it would answer. */
export function complaintAbout(body: Fields): string | undefined {
  const contents = (body['contents'] ?? []) as readonly Content[];
  const count = (content: Content | undefined, kind: string): number =>
    content?.parts?.filter((part) => kind in part).length ?? 0;
  if (contents.some(({ parts = [] }) => parts.length === 0)) return 'contents.parts must not be empty.';
  for (const [index, content] of contents.entries()) {
    const calls = count(content, 'functionCall');
    const before = contents[index - 1];
    if (calls > 0 && before?.role !== 'user')
      return 'Please ensure that function call turn comes immediately after a user turn or after a function response turn.';
    if (calls > 0 && count(contents[index + 1], 'functionResponse') !== calls)
      return 'Please ensure that the number of function response parts is equal to the number of function call parts.';
    if (count(content, 'functionResponse') > 0 && count(before, 'functionCall') === 0)
      return 'Please ensure that function response turn comes immediately after a function call turn.';
  }
  return undefined;
}
