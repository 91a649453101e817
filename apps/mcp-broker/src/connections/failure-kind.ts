import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';

/**
 * - `answer`: the server did answer, with an error.
 * - `timeout`: it did not answer in time.
 * - `not-reached`: the request was not taken (refused connection, session gone, too many requests); safe to send again.
 * - `rejected`: the request was not taken and will not be (credentials, other HTTP 4xx).
 * - `broken`: the connection ended in between, and nobody knows what the server did.
 */
export type FailureKind = 'answer' | 'timeout' | 'not-reached' | 'rejected' | 'broken';

const NOT_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'EACCES', 'UND_ERR_CONNECT_TIMEOUT']); // prettier-ignore
const NO_ANSWER_IN_TIME = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
/** Session gone, and too many requests. */
const TRY_AGAIN_STATUSES = new Set([404, 429]);

/** What a failed MCP request means for repeating it. */
export function failureKindOf(error: unknown): FailureKind {
  if (error instanceof McpError) return kindOfProtocolError(error);
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined);
  if (typeof code === 'number') return kindOfStatus(code);
  if (code !== undefined && NOT_REACHED.has(code)) return 'not-reached';
  if (code !== undefined && NO_ANSWER_IN_TIME.has(code)) return 'timeout';
  // The SDK's words for a pipe that was closed before the request went into it.
  if (error instanceof Error && error.message === 'Not connected') return 'not-reached';
  return 'broken';
}

function kindOfProtocolError({ code }: McpError): FailureKind {
  if (code === (ErrorCode.RequestTimeout as number)) return 'timeout';
  return code === (ErrorCode.ConnectionClosed as number) ? 'broken' : 'answer';
}

function kindOfStatus(status: number): FailureKind {
  if (TRY_AGAIN_STATUSES.has(status)) return 'not-reached';
  return status >= 400 && status < 500 ? 'rejected' : 'broken';
}

function codeOf(error: unknown): string | number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' || typeof error.code === 'number' ? error.code : undefined;
}
