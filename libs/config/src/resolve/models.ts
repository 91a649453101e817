import type { McpSelection, ModelReference } from '@tarsy/contracts';
import { AppError } from '@tarsy/core';
import type { Configuration } from '../configuration.js';
import type { FallbackReference } from '../definitions/chains.js';
import { BACKENDS, type Backend } from '../schema/primitives.js';

/** An agent, model or chain that a session needs is not there; the session fails with this message. */
export class ResolutionError extends AppError {
  override readonly code = 'CONFIGURATION_UNRESOLVED';
  override readonly retryable = false;
}

export type NativeTools = Readonly<Record<string, boolean>>;

/**
 * @param nativeTools What the agent, and then the alert, says about native tools; the last one wins tool by tool.
 * @throws {ResolutionError} no such provider or backend
 */
export function modelReference(
  { llmProviders }: Configuration,
  name: string,
  backend: string,
  ...nativeTools: readonly NativeTools[]
): ModelReference {
  const provider = llmProviders[name];
  if (!provider) throw new ResolutionError(`LLM provider "${name}" not found`);
  if (!isBackend(backend)) throw new ResolutionError(`LLM backend "${backend}" is not ${BACKENDS.join(' or ')}`);
  return { provider: name, ...provider, backend, nativeTools: Object.assign({}, provider.nativeTools, ...nativeTools) };
}

export function fallbackModels(
  configuration: Configuration,
  fallbacks: readonly FallbackReference[],
  ...nativeTools: readonly NativeTools[]
): ModelReference[] {
  return fallbacks.map(({ provider, backend }) => modelReference(configuration, provider, backend, ...nativeTools));
}

/** What an alert says about native tools. */
export function nativeToolsOf(selection: McpSelection | null): NativeTools {
  const entries = Object.entries(selection?.native_tools ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, boolean] => entry[1] !== undefined));
}

function isBackend(text: string): text is Backend {
  return (BACKENDS as readonly string[]).includes(text);
}
