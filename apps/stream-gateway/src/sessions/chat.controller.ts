import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { chatRequestSchema, type ChatAnswer } from '@tarsy/contracts';
import { authorOf, type RequestHeaders } from '../http/author.js';
import { Accepts, Answers } from '../http/open-api.js';
import { parseBody } from '../http/parse-body.js';
import { SessionIdPipe } from '../http/session-id.pipe.js';
import { ChatService } from './chat.service.js';

/** Questions about investigations that have ended. */
@ApiTags('sessions')
@Controller('sessions')
export class ChatController {
  constructor(private readonly chat: ChatService) {}

  @Post(':id/chat/messages')
  @HttpCode(202)
  @Accepts('ChatRequest')
  @Answers('ChatAnswer', { status: 202, errors: [400, 404, 409, 503] })
  ask(
    @Param('id', SessionIdPipe) sessionId: string,
    @Body() body: unknown,
    @Headers() headers: RequestHeaders,
  ): Promise<ChatAnswer> {
    return this.chat.ask(sessionId, authorOf(headers), parseBody(chatRequestSchema, body).content);
  }
}
