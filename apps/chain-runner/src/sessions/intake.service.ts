import { Inject, Injectable } from '@nestjs/common';
import {
  admitSessions,
  SEVERITY_PRIORITY,
  type AlertAccepted,
  type AlertResolved,
  type Priority,
} from '@tarsy/contracts';
import type { Configuration } from '@tarsy/config';
import type { Logger } from '@tarsy/observability';
import { AlertSession, storable } from '@tarsy/persistence';
import { LOGGER } from '@tarsy/service';
import { DataSource } from 'typeorm';
import { CONFIGURATION } from '../chain-runner.config.js';
import { SessionTransactions } from './session-transactions.js';
import { SessionNotThereYetError } from './sessions.errors.js';

const RANKS: readonly Priority[] = ['critical', 'high', 'normal', 'low'];
/** A resolution may overtake the alert it belongs to; after this many tries there was none. */
const RESOLUTION_ATTEMPTS = 4;

/** What producers say becomes session rows. */
@Injectable()
export class IntakeService {
  constructor(
    private readonly transactions: SessionTransactions,
    private readonly dataSource: DataSource,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Safe to repeat: a session that is there already stays as it is. */
  async accept(accepted: AlertAccepted): Promise<void> {
    const alert = storable(accepted);
    const chatEnabled = this.configuration.chains[alert.chainId]?.chatEnabled ?? true;
    await this.transactions.create(sessionOf(alert, chatEnabled), async (change, isNew) => {
      if (isNew) {
        change.emit({
          type: 'session-created',
          alertType: alert.alertType,
          chainId: alert.chainId,
          severity: alert.severity,
          author: alert.author ?? null,
          ...(alert.slackMessageFingerprint === undefined
            ? {}
            : { slackMessageFingerprint: alert.slackMessageFingerprint }),
        });
        this.logger.info(
          { sessionId: alert.sessionId, alertType: alert.alertType, chainId: alert.chainId },
          'session.created',
        );
      }
      change.publish(admitSessions, { cause: `${alert.sessionId}:created` });
    });
  }

  /** Records the resolution on the newest session of the group. Safe to repeat. */
  async resolve(received: AlertResolved, attempt: number): Promise<void> {
    const resolution = storable(received);
    const [row] = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM alert_sessions WHERE group_key = $1 AND source = $2 AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 1`,
      [resolution.groupKey, resolution.source],
    );
    if (!row) {
      if (attempt < RESOLUTION_ATTEMPTS) throw new SessionNotThereYetError(`no session of group ${resolution.groupId}`);
      this.logger.warn({ groupId: resolution.groupId }, 'alert.resolution-unmatched');
      return;
    }
    const { fingerprints, resolvedAt } = resolution;
    await this.transactions.apply(row.id, (change) => {
      const { session } = change;
      if (session.resolutions.some((known) => known.resolvedAt === resolvedAt)) return Promise.resolve();
      session.resolutions = [...session.resolutions, { fingerprints, resolvedAt }];
      change.emit({ type: 'alert-resolved', fingerprints, resolvedAt });
      this.logger.info({ sessionId: session.id }, 'alert.resolved');
      return Promise.resolve();
    });
  }
}

function sessionOf(alert: AlertAccepted, chatEnabled: boolean): AlertSession {
  return Object.assign(new AlertSession(), {
    id: alert.sessionId,
    alertData: alert.data,
    alertType: alert.alertType,
    chainId: alert.chainId,
    status: 'pending',
    severity: alert.severity,
    priorityRank: RANKS.indexOf(SEVERITY_PRIORITY[alert.severity]),
    title: alert.title,
    source: alert.source,
    author: alert.author ?? null,
    labels: alert.labels,
    groupKey: alert.groupKey ?? null,
    fingerprints: alert.fingerprints,
    createdAt: new Date(alert.acceptedAt),
    chatEnabled,
    budget: alert.budget ?? null,
    runbookUrl: alert.runbookUrl ?? null,
    mcpSelection: alert.mcpSelection ?? null,
    slackMessageFingerprint: alert.slackMessageFingerprint ?? null,
    resolutions: [],
    lifecycleRevision: 0,
    unpublishedLifecycle: [],
  } satisfies Partial<AlertSession>);
}
