import type { McpSelection, SessionBudget, SessionStatus, Severity } from '@tarsy/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One investigation of one alert. Written by chain-runner alone. */
@Entity('alert_sessions')
@Index(['status', 'createdAt'])
@Index(['groupKey'])
export class AlertSession {
  @PrimaryColumn('uuid')
  id!: string;

  /** Masked. */
  @Column('text', { name: 'alert_data' })
  alertData!: string;

  @Column('text', { name: 'alert_type' })
  alertType!: string;

  @Column('text', { name: 'chain_id' })
  chainId!: string;

  @Column('text')
  status!: SessionStatus;

  @Column('text')
  severity!: Severity;

  /** 0 is the most urgent; pending sessions are admitted in this order, then by age. */
  @Column('smallint', { name: 'priority_rank' })
  priorityRank!: number;

  @Column('text')
  title!: string;

  @Column('text')
  source!: string;

  @Column('text', { nullable: true })
  author!: string | null;

  @Column('jsonb', { default: {} })
  labels!: Record<string, string>;

  @Column('text', { name: 'group_key', nullable: true })
  groupKey!: string | null;

  @Column('jsonb', { default: [] })
  fingerprints!: string[];

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  /** When it got its slot: at first, or again after a pause. */
  @Column('timestamptz', { name: 'running_since', nullable: true })
  runningSince!: Date | null;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt!: Date | null;

  @Column('timestamptz', { name: 'deadline_at', nullable: true })
  deadlineAt!: Date | null;

  @Column('text', { name: 'error_message', nullable: true })
  errorMessage!: string | null;

  @Column('text', { name: 'final_analysis', nullable: true })
  finalAnalysis!: string | null;

  @Column('text', { name: 'executive_summary', nullable: true })
  executiveSummary!: string | null;

  @Column('text', { name: 'executive_summary_error', nullable: true })
  executiveSummaryError!: string | null;

  /** What the sender of the alert allows the session to use up; the chain may allow less. */
  @Column('jsonb', { nullable: true })
  budget!: SessionBudget | null;

  @Column('text', { name: 'runbook_url', nullable: true })
  runbookUrl!: string | null;

  @Column('jsonb', { name: 'mcp_selection', nullable: true })
  mcpSelection!: McpSelection | null;

  @Column('text', { name: 'slack_message_fingerprint', nullable: true })
  slackMessageFingerprint!: string | null;

  @Column('integer', { name: 'current_stage_index', nullable: true })
  currentStageIndex!: number | null;

  @Column('uuid', { name: 'current_stage_id', nullable: true })
  currentStageId!: string | null;

  /** As the chain was configured when the session was created. */
  @Column('boolean', { name: 'chat_enabled', default: true })
  chatEnabled!: boolean;

  /** The plan of stages, resolved when the session was admitted, so that a changed configuration does not change it. */
  @Column('jsonb', { name: 'plan', nullable: true })
  plan!: unknown;

  /** What the producer said when its alert was over: `{fingerprints, resolvedAt}`, latest last. */
  @Column('jsonb', { default: [] })
  resolutions!: { fingerprints: string[]; resolvedAt: string }[];

  /** Number of the newest lifecycle event of this session. */
  @Column('integer', { name: 'lifecycle_revision', default: 0 })
  lifecycleRevision!: number;

  /** Lifecycle events that were committed and are not known to be published yet. */
  @Column('jsonb', { name: 'unpublished_lifecycle', default: [] })
  unpublishedLifecycle!: unknown[];

  @Column('text', { name: 'review_status', nullable: true })
  reviewStatus!: 'needs_review' | 'in_progress' | 'reviewed' | null;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}
