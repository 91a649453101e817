import { REPORT_LABEL } from './report.js';

const LONGEST_LINE = 300;

/** One to three lines of a report of our own, else the beginning of whatever analysis it is. */
export function condense(text: string): string {
  const analysis = textBetweenMarks(text);
  if (!analysis.includes(REPORT_LABEL)) return firstSentences(analysis);
  const title = new RegExp(`${escaped(REPORT_LABEL)}: (.+)`).exec(analysis)?.[1] ?? 'Investigation';
  const cause = itemsOf(analysis, 'Likely cause')[0] ?? 'not determined';
  const finding = itemsOf(analysis, 'What was found')[0];
  const next = itemsOf(analysis, 'Next steps')[0];
  return [
    `${title} (offline analyst, no model): ${cause}`,
    ...(finding ? [`Found: ${finding}`] : []),
    ...(next ? [`Next: ${next}`] : []),
  ]
    .map((line) => line.slice(0, LONGEST_LINE))
    .join('\n');
}

/** The analysis stands between marks that fence it off as data. */
function textBetweenMarks(text: string): string {
  return /FINAL_ANALYSIS_START[^\n]*\n([\s\S]*?)\n[^\n]*FINAL_ANALYSIS_END/.exec(text)?.[1] ?? text;
}

function itemsOf(report: string, title: string): string[] {
  const body = new RegExp(`## ${title}\\n\\n([\\s\\S]*?)(?:\\n\\n## |$)`).exec(report)?.[1] ?? '';
  return body.split('\n').flatMap((line) => (line.startsWith('- ') ? [line.slice(2)] : []));
}

function firstSentences(text: string): string {
  const plain = text
    .replace(/[#*_`>]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return `Offline analyst (no model), beginning of the analysis: ${plain.slice(0, LONGEST_LINE)}${plain.length > LONGEST_LINE ? '…' : ''}`;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
