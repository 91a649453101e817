import type { ParallelType, RunStatus, StageType } from '@tarsy/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One step of a chain: one or more executions. */
@Entity('stages')
@Index(['sessionId', 'stageIndex'], { unique: true })
export class Stage {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'session_id' })
  sessionId!: string;

  @Column('text', { name: 'stage_name' })
  stageName!: string;

  /** From 1, over all stages of the session, generated ones included. */
  @Column('integer', { name: 'stage_index' })
  stageIndex!: number;

  @Column('text', { name: 'stage_type' })
  stageType!: StageType;

  /** Position in the session's plan, from 0; of a synthesis, that of the stage it merges. Null where the plan does not list it. */
  @Column('integer', { name: 'plan_index', nullable: true })
  planIndex!: number | null;

  @Column('integer', { name: 'expected_agent_count' })
  expectedAgentCount!: number;

  @Column('text', { name: 'parallel_type', nullable: true })
  parallelType!: ParallelType | null;

  /** Null where the stage has one agent. */
  @Column('text', { name: 'success_policy', nullable: true })
  successPolicy!: 'all' | 'any' | null;

  @Column('text')
  status!: RunStatus;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt!: Date | null;

  /** Null where only the session has one. */
  @Column('timestamptz', { name: 'deadline_at', nullable: true })
  deadlineAt!: Date | null;

  @Column('text', { name: 'error_message', nullable: true })
  errorMessage!: string | null;

  @Column('uuid', { name: 'referenced_stage_id', nullable: true })
  referencedStageId!: string | null;

  @Column('uuid', { name: 'chat_id', nullable: true })
  chatId!: string | null;

  /** Of a chat stage: the question that it answers. */
  @Column('uuid', { name: 'chat_user_message_id', nullable: true })
  chatUserMessageId!: string | null;

  @Column('boolean', { name: 'actions_executed', nullable: true })
  actionsExecuted!: boolean | null;
}
