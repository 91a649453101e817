import { ThinkingLevel, type ThinkingConfig } from '@google/genai';

/** Generation of a Gemini model, such as 3 of `gemini-3.7-flash`; 0 where the name does not say. */
export function generationOf(model: string): number {
  return Number(/gemini-(\d+)/.exec(model)?.[1] ?? 0);
}

/** Models that draw take neither tools nor thinking. */
export const isImageModel = (model: string): boolean => /image/.test(model);

/** TARSy's figures: always as much as there is. Undefined for models that do not think. */
export function thinkingConfigOf(model: string): ThinkingConfig | undefined {
  if (isImageModel(model)) return undefined;
  if (model.startsWith('gemini-2.5-pro')) return { includeThoughts: true, thinkingBudget: 32_768 };
  if (model.startsWith('gemini-2.5-flash')) return { includeThoughts: true, thinkingBudget: 24_576 };
  if (generationOf(model) >= 3) return { includeThoughts: true, thinkingLevel: ThinkingLevel.HIGH };
  return undefined;
}
