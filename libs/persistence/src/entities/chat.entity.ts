import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The questions about one session; made by the first of them. */
@Entity('chats')
export class Chat {
  @PrimaryColumn('uuid')
  id!: string;

  @Index({ unique: true })
  @Column('uuid', { name: 'session_id' })
  sessionId!: string;

  @Column('text', { name: 'chain_id' })
  chainId!: string;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  /** When the newest question came. */
  @Column('timestamptz', { name: 'last_interaction_at' })
  lastInteractionAt!: Date;
}

/** One question; a stage of the session answers it. */
@Entity('chat_user_messages')
export class ChatUserMessage {
  @PrimaryColumn('uuid')
  id!: string;

  @Index()
  @Column('uuid', { name: 'chat_id' })
  chatId!: string;

  @Index()
  @Column('uuid', { name: 'session_id' })
  sessionId!: string;

  @Column('text')
  content!: string;

  @Column('text')
  author!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
