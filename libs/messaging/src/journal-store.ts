import type { ExecutionJournal } from './execution-journal.js';

export class JournalStore {
  open(_sessionId: string, _executionId: string): Promise<ExecutionJournal> {
    throw new Error('not implemented yet');
  }
}
