const SHORTEST_BLOCK = 30;
const LONGEST_BLOCK = 500;
const REPEATS = 5;

/** How much of a text's end {@link endsInRepetition} looks at, in characters. */
const REPETITION_WINDOW = 6_000;

/** Whether the text ends with one block of 30 to 500 characters five times in a row: the model is caught in a loop. */
export function endsInRepetition(text: string): boolean {
  const end = text.slice(-REPETITION_WINDOW);
  for (let length = SHORTEST_BLOCK; length <= LONGEST_BLOCK; length++) if (hasPeriod(end, length)) return true;
  return false;
}

/** Any cut through a repeated text is a repeated block too, so only the very end counts. */
function hasPeriod(text: string, period: number): boolean {
  const first = text.length - period * REPEATS;
  if (first < 0) return false;
  for (let index = text.length - 1; index >= first + period; index--)
    if (text.charCodeAt(index) !== text.charCodeAt(index - period)) return false;
  return true;
}
