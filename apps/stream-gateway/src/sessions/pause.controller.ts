import { Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { CancelAnswer, ResumeAnswer } from '@tarsy/contracts';
import { authorOf, type RequestHeaders } from '../http/author.js';
import { Answers } from '../http/open-api.js';
import { SessionIdPipe } from '../http/session-id.pipe.js';
import { CancellationService } from './cancellation.service.js';
import { ResumptionService } from './resumption.service.js';

/** What people do about sessions that paused at an iteration limit; under `history` as TARSy's earlier generation had it. */
@ApiTags('sessions')
@Controller()
export class PauseController {
  constructor(
    private readonly resumption: ResumptionService,
    private readonly cancellation: CancellationService,
  ) {}

  @Post('sessions/:id/resume')
  @HttpCode(200)
  @Answers('ResumeAnswer', { errors: [404, 409, 503] })
  resume(@Param('id', SessionIdPipe) id: string, @Headers() headers: RequestHeaders): Promise<ResumeAnswer> {
    return this.resumption.resume(id, authorOf(headers));
  }

  @Post('history/sessions/:id/resume')
  @HttpCode(200)
  @Answers('ResumeAnswer', { errors: [400, 404, 503] })
  resumeAsBefore(@Param('id', SessionIdPipe) id: string, @Headers() headers: RequestHeaders): Promise<ResumeAnswer> {
    return this.resumption.resumeAsBefore(id, authorOf(headers));
  }

  @Post(['sessions/:id/executions/:executionId/cancel', 'history/sessions/:id/stages/:executionId/cancel'])
  @HttpCode(200)
  @Answers('CancelAnswer', { errors: [404, 409, 503] })
  cancelExecution(
    @Param('id', SessionIdPipe) id: string,
    @Param('executionId', SessionIdPipe) executionId: string,
    @Headers() headers: RequestHeaders,
  ): Promise<CancelAnswer> {
    return this.cancellation.cancelExecution(id, executionId, authorOf(headers));
  }
}
