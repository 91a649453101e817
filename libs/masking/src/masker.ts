import { maskKubernetesSecrets } from './kubernetes-secret.js';
import { GROUPS, isMaskingPattern, KUBERNETES_SECRET, PATTERNS, type Pattern } from './patterns.js';

export interface MaskingSettings {
  /** Names of built-in groups; unknown ones are ignored (configuration checks them). */
  readonly patternGroups?: readonly string[];
  /** Names of built-in patterns. */
  readonly patterns?: readonly string[];
  /** A pattern that does not compile is skipped and reported to `onBadPattern`. */
  readonly customPatterns?: readonly { readonly pattern: string; readonly replacement: string }[];
  readonly onBadPattern?: (pattern: string, reason: string) => void;
}

/** Replaces secrets in text. Built once and used for every text: it compiles nothing per call. */
export class Masker {
  readonly #steps: readonly ((text: string) => string)[];

  constructor(settings: MaskingSettings) {
    const members = (settings.patternGroups ?? []).flatMap((group) => GROUPS[group] ?? []);
    const named = [...members, ...(settings.patterns ?? [])].filter((name) => name !== KUBERNETES_SECRET);
    const builtIn = [...new Set(named)].filter(isMaskingPattern).map((name) => PATTERNS[name]);
    this.#steps = [
      ...(members.includes(KUBERNETES_SECRET) ? [maskKubernetesSecrets] : []),
      ...builtIn.map(stepOf),
      ...(settings.customPatterns ?? []).flatMap(({ pattern, replacement }) => {
        const expression = compiled(pattern, settings.onBadPattern);
        return expression ? [(text: string) => text.replace(expression, () => replacement)] : [];
      }),
    ];
  }

  mask(text: string): string {
    return this.#steps.reduce((masked, step) => step(masked), text);
  }
}

function stepOf({ find, replacement, sign }: Pattern): (text: string) => string {
  const step =
    typeof find === 'function'
      ? (text: string) => find(text, replacement)
      : (text: string) => text.replace(find, () => replacement);
  return sign === undefined ? step : (text) => (sign.test(text) ? step(text) : text);
}

function compiled(pattern: string, onBadPattern: MaskingSettings['onBadPattern']): RegExp | undefined {
  // RE2 writes flags inside the pattern; the common ones have an equivalent here.
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  try {
    return new RegExp(inline ? pattern.slice(inline[0].length) : pattern, `g${inline?.[1] ?? ''}`);
  } catch (error) {
    onBadPattern?.(pattern, (error as Error).message);
    return undefined;
  }
}
