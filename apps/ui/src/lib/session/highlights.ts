/** What a person who was just woken up wants to know first, as far as the report says it. */
export interface Highlights {
  /** As the report words it, such as `high` or `80 %`; undefined where it does not say. */
  readonly confidence: string | undefined;
  /** Markdown of the section that says what to do; undefined where there is none. */
  readonly nextSteps: string | undefined;
}

const CONFIDENCE = /\bconfidence\b(?:\s+(?:is|level))?[\s:*_–-]*((?:very |low to |medium to )?(?:high|medium|moderate|low|none)\b|\d{1,3}\s?%)/i; // prettier-ignore
const CONFIDENCE_SECTION = /^confidence\b/i;
const NEXT_STEPS_SECTION = /\b(?:next steps?|what to do(?: now| next)?|recommend(?:ed|ations?)|immediate actions?|remediation|mitigation|action items)\b/i; // prettier-ignore
const LONGEST_CHARACTERS = 1_500;

/**
 * Finds the highlights of a report. They are quoted, never guessed: what the report does not say is undefined.
 *
 * @param reports Markdown, the most trusted first.
 */
export function highlightsOf(...reports: readonly (string | null)[]): Highlights {
  const texts = reports.filter((report) => report !== null);
  return {
    confidence: firstOf(texts, confidenceIn),
    nextSteps: firstOf(texts, nextStepsIn),
  };
}

function firstOf(texts: readonly string[], find: (text: string) => string | undefined): string | undefined {
  for (const text of texts) {
    const found = find(text);
    if (found !== undefined) return found;
  }
  return undefined;
}

function confidenceIn(report: string): string | undefined {
  const section = sectionsIn(report).find(({ title }) => CONFIDENCE_SECTION.test(title));
  const said = CONFIDENCE.exec(section ? `confidence: ${section.body.replace(/^[\s*+-]+/, '')}` : report);
  return said?.[1]?.toLowerCase();
}

function nextStepsIn(report: string): string | undefined {
  const steps = sectionsIn(report).find(({ title, body }) => NEXT_STEPS_SECTION.test(title) && body !== '')?.body;
  return steps === undefined || steps.length > LONGEST_CHARACTERS ? undefined : steps;
}

interface ReportSection {
  readonly title: string;
  readonly body: string;
}

/** The sections under the headings of a report; a sub-heading begins one of its own. */
function sectionsIn(report: string): ReportSection[] {
  const sections: { title: string; lines: string[] }[] = [];
  let isCode = false;
  for (const line of report.split('\n')) {
    if (/^\s*(?:```|~~~)/.test(line)) isCode = !isCode;
    const heading = isCode ? undefined : headingIn(line);
    if (heading !== undefined) sections.push({ title: heading, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ title, lines }) => ({ title, body: lines.join('\n').trim() }));
}

/** `## Next steps`, or a line that is bold as a whole, which models use as a heading too. */
function headingIn(line: string): string | undefined {
  return (/^#{1,6}\s+(.+?)\s*#*$/.exec(line) ?? /^\*\*([^*]+?):?\*\*:?\s*$/.exec(line))?.[1];
}
