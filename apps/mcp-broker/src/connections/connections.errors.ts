import { AppError } from '@tarsy/core';

/** The tool server can not be reached, or refuses. A tool that is not safe to repeat did not run. */
export class ServerUnavailableError extends AppError {
  override readonly code = 'MCP_SERVER_UNAVAILABLE';
  override readonly retryable = true;
}

/** The connection broke between a request and its answer; the tool may have run. */
export class ConnectionBrokenError extends AppError {
  override readonly code = 'MCP_CONNECTION_BROKEN';
  override readonly retryable = false;
}

/** The tool server did not answer in time; the tool may have run. */
export class ToolTimeoutError extends AppError {
  override readonly code = 'MCP_TOOL_TIMEOUT';
  override readonly retryable = false;
}
