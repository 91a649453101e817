import { BadRequestException, ConflictException, Injectable } from '@nestjs/common';
import { chatMessage, chatReplySchema, type ChatAnswer } from '@tarsy/contracts';
import { SessionCommands } from './session-commands.js';
import { SessionsService } from './sessions.service.js';

/** Asks about investigations. */
@Injectable()
export class ChatService {
  constructor(
    private readonly commands: SessionCommands,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * Resolves once the question is stored and its answer on the way.
   *
   * @throws {NotFoundException} no such session
   * @throws {BadRequestException} the session has no chat, or none yet
   * @throws {ConflictException} another answer of the session is being written
   * @throws {ServiceUnavailableException} not stored, or not confirmed within 5 s; a stored question is answered all the same
   */
  async ask(sessionId: string, author: string, content: string): Promise<ChatAnswer> {
    const reply = await this.commands.ask(chatMessage, author, (common) => ({ ...common, sessionId, content }), chatReplySchema); // prettier-ignore
    switch (reply.kind) {
      case 'accepted':
        return { chat_id: reply.chatId, message_id: reply.messageId, stage_id: reply.stageId };
      case 'conflict':
        throw new ConflictException(reply.message);
      case 'refused':
        throw new BadRequestException(reply.message);
      case 'not_found': {
        // Known here already where its alert was accepted a moment ago.
        const { status } = await this.sessions.status(sessionId);
        throw new BadRequestException(`session is ${status}: there is nothing to ask about yet`);
      }
    }
  }
}
