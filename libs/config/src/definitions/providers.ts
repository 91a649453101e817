import type { ModelReference } from '@tarsy/contracts';
import { textOrAbsent } from '../schema/primitives.js';
import type { ProviderEntry, ProviderType } from '../schema/providers.js';

export interface ProviderDefinition {
  readonly type: ProviderType;
  readonly model: string;
  readonly apiKeyEnv: string | undefined;
  readonly credentialsEnv: string | undefined;
  readonly projectEnv: string | undefined;
  readonly locationEnv: string | undefined;
  readonly baseUrl: string | undefined;
  readonly nativeTools: Readonly<Record<string, boolean>>;
  /** `react` is for models that can not call functions. */
  readonly dialect: ProviderEntry['dialect'];
  readonly contextWindowTokens: number | undefined;
  /** Of all workers together; undefined where none is set. */
  readonly limits: NonNullable<ModelReference['limits']> | undefined;
}

export function providerDefinitionOf(entry: ProviderEntry): ProviderDefinition {
  return {
    type: entry.type!,
    model: entry.model,
    apiKeyEnv: textOrAbsent(entry.api_key_env),
    credentialsEnv: textOrAbsent(entry.credentials_env),
    projectEnv: textOrAbsent(entry.project_env),
    locationEnv: textOrAbsent(entry.location_env),
    baseUrl: textOrAbsent(entry.base_url),
    nativeTools: entry.native_tools,
    dialect: entry.dialect,
    contextWindowTokens: entry.context_window_tokens,
    limits: limitsOf(entry),
  };
}

function limitsOf(entry: ProviderEntry): ProviderDefinition['limits'] {
  const limits = {
    requestsPerMinute: entry.requests_per_minute,
    tokensPerMinute: entry.tokens_per_minute,
    concurrentRequests: entry.concurrent_requests,
  };
  const set = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  return set.length === 0 ? undefined : Object.fromEntries(set);
}
