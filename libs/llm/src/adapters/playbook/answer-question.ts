import { REPORT_LABEL } from './report.js';

const MOST_LINES = 8;
const LONGEST_LINE = 300;
/** Words that say nothing about what is asked for. */
const STOP_WORDS = new Set('and any are but can did does for from had has have how its not our should that the their there they this was were what when where which who why will with would you your'.split(' ')); // prettier-ignore

/**
 * Rules understand no question. They can say so, and show what of the investigation has the question's words.
 *
 * @param prompt Holds the investigation between marks that fence it off as data.
 */
export function answerQuestion(question: string, prompt: string): string {
  const investigation = /INVESTIGATION_START[^\n]*\n([\s\S]*?)\n[^\n]*INVESTIGATION_END/.exec(prompt)?.[1] ?? '';
  const lines = linesAbout(wordsOf(question), investigation);
  return [
    `${REPORT_LABEL}: rules can not answer questions; with a model configured, this would be an answer.`,
    lines.length === 0
      ? 'Nothing in the investigation has a word of the question.'
      : `What the investigation says with words of the question:\n\n${lines.map((line) => `- ${line}`).join('\n')}`,
  ].join('\n\n');
}

const wordsOf = (text: string): ReadonlySet<string> =>
  new Set((text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).filter((word) => !STOP_WORDS.has(word)));

/** The lines with the most words of the question, in their own order. */
function linesAbout(words: ReadonlySet<string>, text: string): string[] {
  const unique = new Set(text.split('\n').map((line) => line.replace(/^[-*\s]+/, '').trim()));
  const rated = [...unique].map((line, position) => {
    const own = wordsOf(line);
    return { line, position, shared: [...words].filter((word) => own.has(word)).length };
  });
  return rated
    .filter(({ line, shared }) => shared > 0 && !line.startsWith('#'))
    .sort((one, other) => other.shared - one.shared || one.position - other.position)
    .slice(0, MOST_LINES)
    .sort((one, other) => one.position - other.position)
    .map(({ line }) => line.slice(0, LONGEST_LINE));
}
