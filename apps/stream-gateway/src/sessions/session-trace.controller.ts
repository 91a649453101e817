import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { LlmInteractionDetail, McpInteractionDetail, SessionTrace } from '@tarsy/contracts';
import { Answers } from '../http/open-api.js';
import { SessionIdPipe } from '../http/session-id.pipe.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('sessions')
@Controller('sessions/:id/trace')
export class SessionTraceController {
  constructor(private readonly sessions: SessionsService) {}

  @Get()
  @Answers('SessionTrace', { errors: [404] })
  trace(@Param('id', SessionIdPipe) id: string): Promise<SessionTrace> {
    return this.sessions.trace(id);
  }

  @Get('llm/:interactionId')
  @Answers('LlmInteraction', { errors: [404] })
  llmInteraction(
    @Param('id', SessionIdPipe) id: string,
    @Param('interactionId', SessionIdPipe) interactionId: string,
  ): Promise<LlmInteractionDetail> {
    return this.sessions.llmInteraction(id, interactionId);
  }

  @Get('mcp/:interactionId')
  @Answers('McpInteraction', { errors: [404] })
  mcpInteraction(
    @Param('id', SessionIdPipe) id: string,
    @Param('interactionId', SessionIdPipe) interactionId: string,
  ): Promise<McpInteractionDetail> {
    return this.sessions.mcpInteraction(id, interactionId);
  }
}
