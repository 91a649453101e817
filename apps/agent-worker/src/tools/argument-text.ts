import { parse as parseYaml } from 'yaml';

export type ToolArguments = Record<string, unknown>;

/**
 * Reads the arguments of a tool call, however the model wrote them. In this order: a JSON object; other JSON as `{input: value}`; a YAML
 * mapping that has structure; `key: value` or `key=value` pairs; anything else as `{input: text}`. Empty text is `{}`. Never throws.
 */
export function parseArgumentText(text: string): ToolArguments {
  const trimmed = text.trim();
  if (trimmed === '') return {};
  return fromJson(trimmed) ?? fromYaml(trimmed) ?? fromPairs(trimmed) ?? { input: text };
}

function fromJson(text: string): ToolArguments | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMapping(value) ? value : { input: value };
  } catch {
    return undefined;
  }
}

/** Only mappings with a list or a mapping in them: flat ones are left to the pairs, whose rules for values are simpler. */
function fromYaml(text: string): ToolArguments | undefined {
  try {
    const value: unknown = parseYaml(text, { maxAliasCount: 0, logLevel: 'silent' });
    return isMapping(value) && Object.values(value).some((item) => typeof item === 'object' && item !== null)
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

/** One pair per line, or several separated by commas. A part that is no pair makes the whole text none. */
function fromPairs(text: string): ToolArguments | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return pairsOf(lines.flatMap((line) => line.split(/,(?=\s*[\w.-]+\s*[:=])/))) ?? undefined;
}

function pairsOf(parts: readonly string[]): ToolArguments | undefined {
  const pairs: [string, unknown][] = [];
  for (const part of parts) {
    // A colon needs a space after it: `http://host` and `C:\\path` are no pairs.
    const match = /^\s*([\w.-]+)\s*(?:=|:(?=\s|$))\s*(.*?)\s*$/.exec(part);
    if (match === null) return undefined;
    pairs.push([match[1]!, coerced(match[2]!)]);
  }
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

function coerced(text: string): unknown {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  if (quoted !== null) return quoted[2];
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (/^(null|none)$/i.test(text)) return null;
  if (/^-?\d+(\.\d+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text);
  return text;
}

function isMapping(value: unknown): value is ToolArguments {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
