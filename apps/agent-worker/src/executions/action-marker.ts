export interface ActionAnswer {
  readonly text: string;
  /** Absent where the answer does not say. */
  readonly actionsExecuted?: boolean;
}

/**
 * Reads the last line of an action agent's answer, a bare `YES` or `NO` in whatever case and dressing, and takes it away. An answer without
 * one stays as it is, as does one that is nothing else.
 */
export function readActionMarker(answer: string): ActionAnswer {
  const match = /(?:^|\n)[ \t]*[*_`"']*(yes|no)[*_`"'.!]*\s*$/i.exec(answer);
  if (!match) return { text: answer };
  const actionsExecuted = match[1]!.toLowerCase() === 'yes';
  const text = answer.slice(0, match.index).trimEnd();
  return { text: text === '' ? answer : text, actionsExecuted };
}
