import { LIMITS, shortened } from '../limits.js';

/** Reading more than this to find one line is not worth the time of whoever waits for the answer. */
const LARGEST_JSON_CHARACTERS = 64 * 1024;
/** What producers call the line that is meant for people, best first. */
const SPEAKING_KEYS = ['summary', 'title', 'message', 'description', 'alertname', 'name'];
/** Where producers nest it. */
const NESTS = ['annotations', 'commonAnnotations', 'alert', 'labels', 'commonLabels'];

/** One line that says what an alert is about: of JSON its summary or message, else the first line of text. */
export function titleOf(data: string): string {
  return shortened(speakingLine(data) ?? firstLine(data), LIMITS.title);
}

function firstLine(text: string): string {
  const lines = text.slice(0, 20 * LIMITS.title).split('\n');
  return lines.map((line) => line.trim()).find(Boolean) ?? '';
}

function speakingLine(data: string): string | undefined {
  if (data.length > LARGEST_JSON_CHARACTERS || !data.trimStart().startsWith('{')) return undefined;
  try {
    const alert = JSON.parse(data) as Record<string, unknown>;
    const places = [alert, ...NESTS.map((name) => alert[name]).filter(isRecord)];
    for (const key of SPEAKING_KEYS)
      for (const place of places) {
        const value = place[key];
        if (typeof value === 'string' && value.trim()) return firstLine(value);
      }
  } catch {
    // Text that only begins like JSON.
  }
  return undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
