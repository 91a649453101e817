import type { ToolNameLookup } from './tool-name-lookup.js';

/** What a viewer may see of a reply as it comes. */
export interface VisiblePiece {
  readonly part: 'thinking' | 'text';
  readonly text: string;
}

export type SectionName = 'thought' | 'action' | 'input' | 'final' | 'ignored';

/** The text of each section of a reply; undefined where the reply has none. */
export type ReactSections = Readonly<Partial<Record<SectionName, string>>>;

type Marker = 'thought' | 'action' | 'action input' | 'final answer' | 'observation';

/** Longer than any marker with its decoration. */
const MARKER_CHARACTERS = 40;
/** Longest line of a final answer that may turn out to be an action. */
const ACTION_LINE_CHARACTERS = 160;

const AT_LINE_START = String.raw`^[ \t>#*_\x60]*(thought|action input|action|final answer|observation)[*_ \t]*:[*_]*`;
/** After the end of a sentence, in the same line; written exactly so, or every "recommended action:" would be one. */
const IN_A_LINE = String.raw`(?<=[.!?:;)\]"'\x60][*_ \t]*)(Action Input|Action|Final Answer):`;

const MARKERS: Readonly<Record<Exclude<SectionName, 'final'>, RegExp>> = {
  thought: new RegExp(`(?:${AT_LINE_START})|(?:${IN_A_LINE})`, 'gim'),
  action: new RegExp(`(?:${AT_LINE_START})|(Action Input)[*_ \\t]*:`, 'gim'),
  input: new RegExp(`(?:${AT_LINE_START})|(?<=\\}\\s*)(Observation):`, 'gim'),
  ignored: new RegExp(AT_LINE_START, 'gim'),
};
/** In a final answer only a line that names a tool is an action: reports have headings of all kinds. */
const ACTION_LINE = /^[ \t>*_`]*action[*_]*:[ \t*_`]*([\w.:-]+)[*_` \t]*\n/gim;

const NEXT_SECTION: Readonly<Record<Marker, SectionName>> = {
  thought: 'thought',
  action: 'action',
  'action input': 'input',
  'final answer': 'final',
  observation: 'ignored',
};

/**
 * Splits a reply of the form Thought / Action / Action Input / Final Answer into its sections while it comes. Text before the first
 * marker is a thought. The first action counts; what follows its input is ignored. Once the model writes an observation of its own,
 * {@link inventsObservation} is true and the rest is not worth reading.
 */
export class ReactReader {
  readonly #sections: Partial<Record<SectionName, string>> = {};
  #section: SectionName = 'thought';
  /** Not yet given to its section, after some characters that were: markers depend on what is before them. */
  #window = '';
  #given = 0;
  #inventsObservation = false;

  constructor(private readonly tools: ToolNameLookup) {}

  get inventsObservation(): boolean {
    return this.#inventsObservation;
  }

  get sections(): ReactSections {
    return this.#sections;
  }

  push(delta: string): VisiblePiece[] {
    this.#window += delta;
    return this.#read(false);
  }

  /** Call it once, when the reply is complete. */
  finish(): VisiblePiece[] {
    if (!this.#window.endsWith('\n')) this.#window += '\n';
    return this.#read(true);
  }

  #read(isComplete: boolean): VisiblePiece[] {
    const pieces: VisiblePiece[] = [];
    while (!this.#inventsObservation) {
      const found = this.#nextMarker(isComplete);
      if (found === undefined) break;
      this.#give(pieces, this.#endOfText(found.start));
      this.#inventsObservation = found.marker === 'observation';
      this.#section = this.#sectionAfter(found.marker);
      this.#window = this.#window.slice(found.end);
      this.#given = 0;
      this.#sections[this.#section] ??= '';
    }
    if (!this.#inventsObservation) this.#give(pieces, isComplete ? this.#endOfText() : this.#safeEnd());
    return pieces;
  }

  #nextMarker(isComplete: boolean): { marker: Marker; start: number; end: number } | undefined {
    if (this.#section === 'final') return this.#nextActionLine();
    const pattern = MARKERS[this.#section];
    pattern.lastIndex = this.#given;
    for (let match = pattern.exec(this.#window); match !== null; match = pattern.exec(this.#window)) {
      const word = match[1] ?? match[2]!;
      const marker = word.toLowerCase() as Marker;
      const isInLine = match[1] === undefined;
      if (isInLine && /^[a-z]/.test(word)) continue;
      // "Action" may still become "Action Input"; and nothing was observed before anything was done.
      if (!isComplete && match.index + match[0].length === this.#window.length) return undefined;
      if (marker === 'observation' && this.#sections.action === undefined && this.#sections.input === undefined)
        continue;
      return { marker, start: match.index, end: match.index + match[0].length };
    }
    return undefined;
  }

  #nextActionLine(): { marker: Marker; start: number; end: number } | undefined {
    ACTION_LINE.lastIndex = this.#given;
    for (let match = ACTION_LINE.exec(this.#window); match !== null; match = ACTION_LINE.exec(this.#window)) {
      if (this.tools.find(match[1]!) === undefined) continue;
      const nameAt = match[0].indexOf(':') + 1;
      return { marker: 'action', start: match.index, end: match.index + nameAt };
    }
    return undefined;
  }

  #sectionAfter(marker: Marker): SectionName {
    const next = NEXT_SECTION[marker];
    const hasInput = this.#sections.input !== undefined;
    const repeatsAction = next === 'action' && this.#sections.action !== undefined;
    return hasInput || repeatsAction || this.#section === 'ignored' ? 'ignored' : next;
  }

  /** Where no marker can begin any more, whatever comes. */
  #safeEnd(): number {
    if (this.#section !== 'final') return Math.max(this.#given, this.#endOfText() - MARKER_CHARACTERS);
    const lineStart = this.#window.lastIndexOf('\n') + 1;
    const line = this.#window.slice(lineStart);
    const mayBeAction = /^[ \t>*_`]*(a|$)/i.test(line) && line.length < ACTION_LINE_CHARACTERS;
    return this.#endOfText(mayBeAction ? lineStart : undefined);
  }

  /** Where what has been read ends, without the space behind it. */
  #endOfText(end = this.#window.length): number {
    return Math.max(this.#given, this.#window.slice(0, end).trimEnd().length);
  }

  #give(pieces: VisiblePiece[], end: number): void {
    const text = this.#window.slice(this.#given, end);
    const sofar = this.#sections[this.#section] ?? '';
    const added = sofar === '' ? text.trimStart() : text;
    if (added !== '') {
      this.#sections[this.#section] = sofar + added;
      if (this.#section === 'thought') pieces.push({ part: 'thinking', text: added });
      if (this.#section === 'final') pieces.push({ part: 'text', text: added });
    }
    const kept = Math.max(0, end - MARKER_CHARACTERS);
    this.#window = this.#window.slice(kept);
    this.#given = end - kept;
  }
}
