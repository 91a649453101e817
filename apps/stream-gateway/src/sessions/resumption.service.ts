import { BadRequestException, ConflictException, Injectable } from '@nestjs/common';
import { resumeSession, type ResumeAnswer } from '@tarsy/contracts';
import { SessionCommands } from './session-commands.js';

/** Lets paused sessions go on. Errors are those of {@link SessionCommands.send}. */
@Injectable()
export class ResumptionService {
  constructor(private readonly commands: SessionCommands) {}

  async resume(sessionId: string, requestedBy: string): Promise<ResumeAnswer> {
    await this.commands.send(resumeSession, requestedBy, (common) => ({ ...common, sessionId }));
    return { success: true, session_id: sessionId, status: 'resuming', message: 'Session resumes' };
  }

  /** As clients of the earlier generation expect it: a session that is not paused is a bad request. */
  async resumeAsBefore(sessionId: string, requestedBy: string): Promise<ResumeAnswer> {
    try {
      return await this.resume(sessionId, requestedBy);
    } catch (error) {
      if (error instanceof ConflictException) throw new BadRequestException(error.message);
      throw error;
    }
  }
}
