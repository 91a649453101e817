import { AppError } from '@tarsy/core';

/** The tool server can not be reached, or went away; no answer came from it. */
export class ServerUnavailableError extends AppError {
  override readonly code = 'MCP_SERVER_UNAVAILABLE';
  override readonly retryable = true;
}

/** The tool server did not answer in time; the tool may have run. */
export class ToolTimeoutError extends AppError {
  override readonly code = 'MCP_TOOL_TIMEOUT';
  override readonly retryable = false;
}
