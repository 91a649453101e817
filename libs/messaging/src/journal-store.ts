import { Injectable } from '@nestjs/common';
import { Clock, SystemClock } from '@tarsy/core';
import { ExecutionJournal } from './execution-journal.js';
import { Messaging } from './messaging.js';

/** The journals of executions: the memory of agent-worker. */
@Injectable()
export class JournalStore {
  constructor(
    private readonly messaging: Messaging,
    private readonly clock: Clock = new SystemClock(),
  ) {}

  /**
   * Reads what the execution has done so far and listens for what comes. Opening claims nothing: the first append does, and fences
   * out whoever held the execution before. Close it when done.
   */
  async open(sessionId: string, executionId: string): Promise<ExecutionJournal> {
    return await ExecutionJournal.open(this.messaging, this.clock, sessionId, executionId);
  }
}
