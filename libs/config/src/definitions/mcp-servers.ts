import type { McpServerEntry } from '../schema/mcp-servers.js';
import { textOrAbsent } from '../schema/primitives.js';

export const DEFAULT_THRESHOLD_TOKENS = 5_000;
export const DEFAULT_SUMMARY_TOKENS = 1_000;

export interface TransportSettings {
  readonly type: 'stdio' | 'http' | 'sse';
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the child's otherwise minimal environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly url: string;
  readonly bearerToken: string | undefined;
  readonly verifySsl: boolean;
  /** Longest wait for one HTTP answer; 0 is none. */
  readonly timeoutMs: number;
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly sessionCleanupUrl: string | undefined;
}

/** Sizes in tokens of four bytes. */
export interface SummarizationSettings {
  readonly enabled: boolean;
  /** Larger results are summarized. */
  readonly thresholdTokens: number;
  readonly targetTokens: number;
  /** Undefined: `defaults.summarization`, else the calling agent's model. */
  readonly provider: string | undefined;
  readonly backend: string | undefined;
}

export interface McpServerDefinition {
  readonly transport: TransportSettings;
  readonly instructions: string;
  readonly masking: {
    readonly enabled: boolean;
    readonly patternGroups: readonly string[];
    readonly patterns: readonly string[];
    readonly customPatterns: readonly { pattern: string; replacement: string; description: string }[];
  };
  readonly summarization: SummarizationSettings;
  /** Why the server is not started on this machine; undefined where it is. */
  readonly unavailableBecause: string | undefined;
}

export function mcpServerDefinitionOf(entry: McpServerEntry, unavailableBecause?: string): McpServerDefinition {
  const { data_masking: masking, summarization } = entry;
  return {
    transport: transportSettingsOf(entry.transport),
    instructions: entry.instructions,
    masking: {
      enabled: masking.enabled,
      patternGroups: masking.pattern_groups,
      patterns: masking.patterns,
      customPatterns: masking.custom_patterns.map(({ pattern, replacement, description }) => ({ pattern, replacement, description })), // prettier-ignore
    },
    summarization: {
      enabled: summarization.enabled,
      thresholdTokens: summarization.size_threshold_tokens || DEFAULT_THRESHOLD_TOKENS,
      targetTokens: summarization.summary_max_token_limit || DEFAULT_SUMMARY_TOKENS,
      provider: textOrAbsent(summarization.llm_provider),
      backend: textOrAbsent(summarization.llm_backend),
    },
    unavailableBecause,
  };
}

function transportSettingsOf(entry: McpServerEntry['transport']): TransportSettings {
  return {
    type: entry.type as TransportSettings['type'],
    command: entry.command,
    args: entry.args,
    environment: entry.env,
    url: entry.url,
    bearerToken: textOrAbsent(entry.bearer_token),
    verifySsl: entry.verify_ssl,
    timeoutMs: entry.timeout * 1_000,
    customHeaders: entry.custom_headers,
    sessionCleanupUrl: textOrAbsent(entry.session_cleanup_url),
  };
}
