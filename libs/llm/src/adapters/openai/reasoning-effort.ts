/** Models of OpenAI itself that take `reasoning_effort`; servers that only speak its API refuse or ignore it. */
export function reasoningEffortOf(model: string): 'high' | undefined {
  return /^(o[1-9]|gpt-5)(?!.*chat)/.test(model) ? 'high' : undefined;
}
