import { Injectable } from '@nestjs/common';
import { cancelExecution, cancelSession, type CancelAnswer } from '@tarsy/contracts';
import { SessionCommands } from './session-commands.js';

/** Asks chain-runner to stop a session, or one paused execution of it. Errors are those of {@link SessionCommands.send}. */
@Injectable()
export class CancellationService {
  constructor(private readonly commands: SessionCommands) {}

  async cancel(sessionId: string, requestedBy: string): Promise<CancelAnswer> {
    await this.commands.send(cancelSession, requestedBy, (common) => ({ ...common, sessionId }));
    return { session_id: sessionId, message: 'Session cancellation requested' };
  }

  async cancelExecution(sessionId: string, executionId: string, requestedBy: string): Promise<CancelAnswer> {
    await this.commands.send(cancelExecution, requestedBy, (common) => ({ ...common, sessionId, executionId }));
    return { session_id: sessionId, message: 'Execution cancelled' };
  }
}
