import { AppError } from '@tarsy/core';

/** A command is about a sub-agent whose dispatch, which was stored before it, is still on its way. */
export class SubAgentNotThereYetError extends AppError {
  override readonly code = 'SUB_AGENT_NOT_THERE_YET';
  override readonly retryable = true;
}
