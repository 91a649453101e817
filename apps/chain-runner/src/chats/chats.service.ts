import { Inject, Injectable } from '@nestjs/common';
import type { Configuration } from '@tarsy/config';
import type { ChatMessage, ChatReply } from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { Chat, ChatUserMessage, storable, type AgentExecution, type Stage } from '@tarsy/persistence';
import { LOGGER } from '@tarsy/service';
import { questionEventOf } from '@tarsy/timeline';
import { CONFIGURATION } from '../chain-runner.config.js';
import { timelineRow } from '../recorder/rows.js';
import { TIMELINE_EVENTS } from '../recorder/upserts.js';
import type { SessionChange } from '../sessions/session-change.js';
import { SessionTransactions } from '../sessions/session-transactions.js';
import { StageFlow } from '../stages/stage-flow.js';
import { StageRecords } from '../stages/stage-records.js';
import { chatAgentOf } from './chat-agent.js';
import { openAnswerOf } from './open-answer.js';

/** Takes questions about sessions that have ended. Each is answered by a stage of its own; the session stays as it ended. */
@Injectable()
export class ChatsService {
  constructor(
    private readonly transactions: SessionTransactions,
    private readonly records: StageRecords,
    private readonly stages: StageFlow,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Safe to repeat: a copy finds its question stored and answers the same again. */
  async ask(command: ChatMessage): Promise<ChatReply> {
    const reply = await this.transactions.apply(command.sessionId, (change) => this.#ask(change, command));
    return reply ?? { kind: 'not_found' };
  }

  async #ask(change: SessionChange, command: ChatMessage): Promise<ChatReply> {
    const messageId = derivedId(command.commandId, 'question');
    const stages = await this.records.stagesOf(change);
    const known = stages.find(({ row }) => row.chatUserMessageId === messageId);
    if (known) return accepted(known.row);
    if (change.session.deletedAt !== null) return { kind: 'not_found' };
    const agent = chatAgentOf(change.session);
    if ('refusal' in agent) return { kind: 'refused', message: agent.refusal };
    if (openAnswerOf(stages)) return { kind: 'conflict', message: 'an answer is already being written' };
    const { question, isFirst } = await this.#store(change, messageId, command);
    const { row: stage, executions } = await this.stages.beginAnswer(change, stages, agent, question, this.configuration.queue.sessionTimeoutMs); // prettier-ignore
    await this.#tell(change, question, stage, executions[0]!, isFirst);
    const { sessionId } = command;
    this.logger.info({ sessionId, chatId: question.chatId, messageId, stageId: stage.id }, 'chat.question-asked');
    return accepted(stage);
  }

  async #store(
    { manager, session, clock }: SessionChange,
    messageId: string,
    { content, requestedBy: author }: ChatMessage,
  ): Promise<{ question: ChatUserMessage; isFirst: boolean }> {
    const now = clock.now();
    const existing = await manager.findOneBy(Chat, { sessionId: session.id });
    const chat =
      existing ??
      manager.create(Chat, {
        id: derivedId(session.id, 'chat'),
        sessionId: session.id,
        chainId: session.chainId,
        createdBy: author,
        createdAt: now,
      });
    chat.lastInteractionAt = now;
    await manager.save(chat);
    const question = manager.create(ChatUserMessage, {
      id: messageId,
      chatId: chat.id,
      sessionId: session.id,
      content: storable(content),
      author,
      createdAt: now,
    });
    await manager.save(question);
    return { question, isFirst: existing === null };
  }

  /** The question is not in the journal of the execution that answers it: it is on the timeline before a worker has it. */
  async #tell(
    change: SessionChange,
    { id: messageId, chatId, sessionId, author, content, createdAt }: ChatUserMessage,
    { id: stageId }: Stage,
    { id: executionId }: AgentExecution,
    isFirst: boolean,
  ): Promise<void> {
    const asked = { stageId, executionId, author, content };
    change.emit({ type: 'question-asked', chatId, messageId, ...asked, isFirst });
    const event = questionEventOf({ sessionId, ...asked, at: createdAt.toISOString() });
    await change.manager.query(TIMELINE_EVENTS, [JSON.stringify([timelineRow(event)])]);
  }
}

const accepted = ({ id, chatId, chatUserMessageId }: Stage): ChatReply => ({
  kind: 'accepted',
  chatId: chatId!,
  messageId: chatUserMessageId!,
  stageId: id,
});
