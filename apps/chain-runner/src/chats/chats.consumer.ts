import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { chatMessage, subjects, type ChatMessage } from '@tarsy/contracts';
import { Consume, Messaging } from '@tarsy/messaging';
import { ChatsService } from './chats.service.js';

@Controller()
export class ChatsConsumer {
  constructor(
    private readonly chats: ChatsService,
    private readonly messaging: Messaging,
  ) {}

  @Consume(chatMessage, {
    durable: 'chain-runner-chat-message',
    filterSubjects: [subjects.command('chat-message')],
    ackWaitMs: 10_000,
    maxDeliver: 20,
    concurrency: 4,
  })
  async onMessage(@Payload() command: ChatMessage): Promise<void> {
    const reply = await this.chats.ask(command);
    if (command.replyTo) this.messaging.reply(command.replyTo, reply);
  }
}
