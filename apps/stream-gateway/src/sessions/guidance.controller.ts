import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { guidanceRequestSchema, guideSession, type GuidanceAnswer } from '@tarsy/contracts';
import { authorOf, type RequestHeaders } from '../http/author.js';
import { Accepts, Answers } from '../http/open-api.js';
import { parseBody } from '../http/parse-body.js';
import { SessionIdPipe } from '../http/session-id.pipe.js';
import { SessionCommands } from './session-commands.js';

/** What people tell agents while they work. */
@ApiTags('sessions')
@Controller('sessions')
export class GuidanceController {
  constructor(private readonly commands: SessionCommands) {}

  @Post(':id/guidance')
  @HttpCode(202)
  @Accepts('GuidanceRequest')
  @Answers('GuidanceAnswer', { status: 202, errors: [400, 404, 409, 503] })
  async guide(
    @Param('id', SessionIdPipe) sessionId: string,
    @Body() body: unknown,
    @Headers() headers: RequestHeaders,
  ): Promise<GuidanceAnswer> {
    const { content, execution_id: executionId } = parseBody(guidanceRequestSchema, body);
    const addressee = executionId === undefined ? {} : { executionId };
    await this.commands.send(guideSession, authorOf(headers), ({ requestedBy: author, ...common }) => ({
      ...{ ...common, sessionId, content, author },
      ...addressee,
    }));
    return { session_id: sessionId, message: 'Guidance accepted' };
  }
}
