const MARKER = /-----(BEGIN|END) [A-Z0-9 ]{1,64}-----/g;
/** Lines of a block whose end was cut off; line ends may be written as `\n`. */
const CUT_OFF_LINES = /(?:(?:\s|\\[nr]){1,8}[A-Za-z0-9+/=]{16,})*(?:\s+[A-Za-z0-9+/=]{1,15}$)?/y;

/**
 * Replaces PEM blocks of any label, from a BEGIN to the next END. A block that was cut off loses its marker and the lines of
 * base64 after it. One pass over the text, however many blocks it opens.
 */
export function maskPemBlocks(text: string, replacement: string): string {
  const markers = [...text.matchAll(MARKER)];
  const lastEnd = markers.findLastIndex(([, kind]) => kind === 'END');
  const parts: string[] = [];
  let copiedTo = 0;
  let openedAt: number | undefined;
  markers.forEach((marker, index) => {
    const after = marker.index + marker[0].length;
    if (marker[1] === 'BEGIN') openedAt ??= marker.index;
    if (openedAt === undefined || (marker[1] === 'BEGIN' && index < lastEnd)) return;
    parts.push(text.slice(copiedTo, openedAt), replacement);
    copiedTo = marker[1] === 'END' ? after : endOfCutOff(text, after);
    openedAt = undefined;
  });
  return parts.join('') + text.slice(copiedTo);
}

function endOfCutOff(text: string, after: number): number {
  CUT_OFF_LINES.lastIndex = after;
  return after + (CUT_OFF_LINES.exec(text)?.[0].length ?? 0);
}
