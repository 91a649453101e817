import type { MailboxMessage, RunStatus } from '@tarsy/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One run of one agent. */
@Entity('agent_executions')
@Index(['stageId', 'agentIndex'], { unique: true, where: 'parent_execution_id IS NULL' })
@Index(['parentExecutionId', 'agentIndex'], { unique: true, where: 'parent_execution_id IS NOT NULL' })
export class AgentExecution {
  @PrimaryColumn('uuid')
  id!: string;

  @Index()
  @Column('uuid', { name: 'session_id' })
  sessionId!: string;

  @Column('uuid', { name: 'stage_id' })
  stageId!: string;

  @Column('text', { name: 'agent_name' })
  agentName!: string;

  /** From 1, in the order of the configuration. */
  @Column('integer', { name: 'agent_index' })
  agentIndex!: number;

  @Column('text')
  status!: RunStatus;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt!: Date | null;

  /** Since when it waits for a person; null while it does not. */
  @Column('timestamptz', { name: 'paused_at', nullable: true })
  pausedAt!: Date | null;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode!: string | null;

  @Column('text', { name: 'error_message', nullable: true })
  errorMessage!: string | null;

  @Column('text', { nullable: true })
  result!: string | null;

  @Column('boolean', { name: 'forced_conclusion', default: false })
  forcedConclusion!: boolean;

  @Column('integer', { name: 'iterations_used', default: 0 })
  iterationsUsed!: number;

  /** Input and output of all its model calls. The driver gives bigint as text. */
  @Column('bigint', { name: 'tokens_used', default: 0, transformer: { from: Number, to: (tokens: number) => tokens } })
  tokensUsed!: number;

  /** USD, of the calls whose price is known; counted where the session has a budget for it. */
  @Column('double precision', { name: 'cost_used', default: 0 })
  costUsed!: number;

  @Column('integer', { name: 'tool_calls_used', default: 0 })
  toolCallsUsed!: number;

  // Only the recorder changes what follows, in statements of its own: an entity that was read before must not set it back when it is saved.
  @Column({ type: 'text', name: 'llm_backend', update: false })
  llmBackend!: string;

  @Column({ type: 'text', name: 'llm_provider', update: false, nullable: true })
  llmProvider!: string | null;

  @Column({ type: 'text', name: 'model_name', update: false, nullable: true })
  modelName!: string | null;

  /** What it began with, where another model took over; `llm_provider` and its neighbours name the one in use. */
  @Column({ type: 'text', name: 'original_llm_provider', update: false, nullable: true })
  originalLlmProvider!: string | null;

  @Column({ type: 'text', name: 'original_llm_backend', update: false, nullable: true })
  originalLlmBackend!: string | null;

  @Column({ type: 'text', name: 'original_model_name', update: false, nullable: true })
  originalModelName!: string | null;

  /** Of the newest change of model. */
  @Column({ type: 'text', name: 'fallback_reason', update: false, nullable: true })
  fallbackReason!: string | null;

  @Column({ type: 'text', name: 'fallback_error_code', update: false, nullable: true })
  fallbackErrorCode!: string | null;

  /** How often the model was changed. */
  @Column({ type: 'integer', name: 'fallback_attempt', update: false, nullable: true })
  fallbackAttempt!: number | null;

  @Column('uuid', { name: 'parent_execution_id', nullable: true })
  parentExecutionId!: string | null;

  /** What a sub-agent was asked to do. */
  @Column('text', { nullable: true })
  task!: string | null;

  /** What others told it, in the order in which it was published. */
  @Column('jsonb', { default: [] })
  mailbox!: MailboxMessage[];

  /** Since when it waits without a worker; it is `active` all the same. */
  @Column('timestamptz', { name: 'parked_at', nullable: true })
  parkedAt!: Date | null;

  /** Where it is earlier than the session's. */
  @Column('timestamptz', { name: 'deadline_at', nullable: true })
  deadlineAt!: Date | null;

  /** How often it was woken after parking. */
  @Column('integer', { name: 'wake_count', default: 0 })
  wakeCount!: number;
}
