import type { Playbook, Statement, Step } from './playbook.schema.js';
import { holds, itemsAt, type Progress } from './progress.js';
import { fill } from './template.js';

/** First line of every report: nobody may take it for a model's. */
export const REPORT_LABEL = '**Offline analyst (rules, no model)**';

/** What was checked, what was found with its numbers, the likely cause, what to do, and how sure that is. */
export function writeReport(playbook: Playbook, progress: Progress): string {
  const findings = playbook.findings.flatMap((statement) => linesOf(statement, progress));
  const nextSteps = playbook.next_steps.flatMap((statement) => linesOf(statement, progress));
  return [
    `${REPORT_LABEL}: ${playbook.title}`,
    section('What was checked', checkedLines(playbook, progress)),
    section(
      'What was found',
      findings.length > 0 ? findings : ['Nothing: no tool gave an answer that says anything about this alert.'],
    ),
    section('Likely cause', [causeOf(playbook, progress)]),
    section('Next steps', nextSteps),
    section('Confidence', [confidenceOf(playbook, progress)]),
  ].join('\n\n');
}

function section(title: string, lines: readonly string[]): string {
  return `## ${title}\n\n${lines.map((line) => `- ${line}`).join('\n')}`;
}

function checkedLines({ steps }: Playbook, { results, withoutTool }: Progress): string[] {
  return steps.flatMap((step) => {
    const result = results.get(step);
    if (result && !result.isError) return [`${step.checks} (\`${step.tool}\`)`];
    if (result) return [`Not known: ${step.checks}. \`${step.tool}\` failed: ${firstLine(result.content)}`];
    return withoutTool.includes(step) ? [`Not known: ${step.checks}. No tool server offers \`${step.tool}\`.`] : [];
  });
}

function linesOf({ when, for_each: each, text }: Statement, { facts, results }: Progress): string[] {
  if (!when.every((condition) => holds(condition, facts))) return [];
  if (!each) return definite([fill(text, facts)]);
  const items = itemsAt(results, each.tool, each.path).slice(0, each.limit);
  return definite(items.map((item) => fill(text, { ...facts, item })));
}

function causeOf({ causes }: Playbook, { facts }: Progress): string {
  for (const { when, text } of causes) {
    const filled = when.every((condition) => holds(condition, facts)) ? fill(text, facts) : undefined;
    if (filled !== undefined) return filled;
  }
  return 'Not determined: the rules of this playbook fit none of what was found.';
}

/** A tool that is missing or failed is missing evidence, never a sign of health. */
function confidenceOf({ steps }: Playbook, { results, withoutTool }: Progress): string {
  const answered = [...results.values()].filter(({ isError }) => !isError).length;
  const missing: Step[] = [...withoutTool, ...[...results].filter(([, { isError }]) => isError).map(([step]) => step)];
  const share = answered / Math.max(1, answered + missing.length);
  const word = answered === 0 ? 'None' : share === 1 ? 'Medium' : share >= 0.6 ? 'Low to medium' : 'Low';
  const gaps = missing.length > 0 ? ` Missing: ${missing.map(({ tool }) => tool).join(', ')}.` : '';
  return `${word}: ${answered} of ${Math.max(answered + missing.length, Math.min(steps.length, 1))} checks gave an answer.${gaps} Rules see only what they were written for; a person or a model should confirm the cause.`;
}

function definite(lines: readonly (string | undefined)[]): string[] {
  return lines.filter((line) => line !== undefined);
}

function firstLine(text: string): string {
  return (text.trim().split('\n', 1)[0] ?? '').slice(0, 200);
}
