import { Inject, Injectable } from '@nestjs/common';
import { chainIdFor, type Configuration } from '@tarsy/config';
import { alertAccepted, alertResolved } from '@tarsy/contracts';
import { Clock, derivedTimeId, messageOf, sha256 } from '@tarsy/core';
import { Masker } from '@tarsy/masking';
import { MessagePublisher } from '@tarsy/messaging';
import { Metrics, type Counter, type Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { CONFIGURATION } from '../ingest.config.js';
import { AlertRefusedError, invalidField } from './alerts.errors.js';
import type { ParsedAlert, ParsedRequest, Resolution } from './formats/alert-format.js';
import { GroupWindow } from './group-window.js';

export interface Submission {
  /** Undefined where nothing fires. */
  readonly sessionId: string | undefined;
  readonly accepted: number;
}

/** Checks, masks and stores alerts. Returns only after JetStream has acknowledged. */
@Injectable()
export class AlertsService {
  readonly #masker: Masker;
  readonly #submitted: Counter<'alert_type'>;
  readonly #received: Counter<'source' | 'outcome'>;

  constructor(
    private readonly publisher: MessagePublisher,
    private readonly window: GroupWindow,
    private readonly clock: Clock,
    metrics: Metrics,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const { enabled, patternGroup } = configuration.defaults.alertMasking;
    this.#masker = new Masker({ patternGroups: enabled ? [patternGroup] : [] });
    this.#submitted = metrics.counter('tarsy_sessions_submitted_total', 'Sessions asked for.', ['alert_type']);
    this.#received = metrics.counter('tarsy_alerts_received_total', 'Requests with alerts.', ['source', 'outcome']);
  }

  /**
   * @param sessionId Used unless the alert belongs to a group, whose session id derives from the group.
   * @throws {AlertRefusedError} the request can never be accepted
   * @throws {QueueFullError} or {@link MessagingUnavailableError}: not now
   */
  async submit(
    source: string,
    parse: () => ParsedRequest,
    sessionId: string,
    author: string | undefined,
  ): Promise<Submission> {
    try {
      const request = parse();
      const accepted = request.alert ? await this.#accept(request.alert, sessionId, author) : undefined;
      if (request.resolution) await this.#resolve(request.resolution, request.alert === undefined);
      this.#received.inc({ source, outcome: 'accepted' });
      return { sessionId: accepted, accepted: request.accepted };
    } catch (error) {
      this.#received.inc({ source, outcome: error instanceof AlertRefusedError ? 'refused' : 'failed' });
      throw error;
    }
  }

  async #accept(alert: ParsedAlert, proposedId: string, author: string | undefined): Promise<string> {
    const { alertType, chainId } = this.#chainOf(alert);
    this.#checkSelection(alert);
    this.#checkRunbook(alert);
    const sessionId = alert.group ? await this.#sessionOfGroup(alert.source, alert.group) : proposedId;
    await this.publisher.publish(alertAccepted, {
      sessionId,
      acceptedAt: this.clock.nowIso(),
      source: alert.source,
      data: this.#mask(alert.data),
      alertType,
      chainId,
      severity: alert.severity,
      title: this.#mask(alert.title),
      labels: { ...alert.labels },
      fingerprints: [...(alert.group?.fingerprints ?? [])],
      ...(alert.group ? { groupKey: alert.group.key } : {}),
      ...(author ? { author } : {}),
      ...(alert.runbookUrl ? { runbookUrl: alert.runbookUrl } : {}),
      ...(alert.mcpSelection ? { mcpSelection: alert.mcpSelection } : {}),
      ...(alert.slackMessageFingerprint ? { slackMessageFingerprint: alert.slackMessageFingerprint } : {}),
    });
    this.#submitted.inc({ alert_type: alertType });
    this.logger.info({ sessionId, source: alert.source, alertType, chainId }, 'alert.accepted');
    return sessionId;
  }

  async #resolve(resolution: Resolution, isOver: boolean): Promise<void> {
    const { source, groupKey, fingerprints, resolvedAtMs } = resolution;
    await this.publisher.publish(alertResolved, {
      groupId: sha256(`${source}\u0000${groupKey}`).slice(0, 32),
      groupKey,
      source,
      fingerprints: [...fingerprints],
      resolvedAt: new Date(resolvedAtMs).toISOString(),
      receivedAt: this.clock.nowIso(),
    });
    if (isOver) await this.window.close(source, groupKey);
  }

  async #sessionOfGroup(source: string, { key, startedAtMs }: NonNullable<ParsedAlert['group']>): Promise<string> {
    return await this.window.sessionOf(source, key, derivedTimeId(startedAtMs, source, key, String(startedAtMs)));
  }

  /** A producer that names a type on purpose must name one that is handled; a label is only a hint. */
  #chainOf({ alertType, isTypeBinding }: ParsedAlert): { alertType: string; chainId: string } {
    const { configuration } = this;
    const wanted = alertType ?? configuration.defaults.alertType;
    const chainId = chainIdFor(configuration, wanted);
    if (chainId) return { alertType: wanted, chainId };
    const fallback = isTypeBinding ? undefined : chainIdFor(configuration, configuration.defaults.alertType);
    if (fallback) return { alertType: wanted, chainId: fallback };
    const known = Object.values(configuration.chains).flatMap((chain) => chain.alertTypes);
    throw invalidField('alert_type', `no chain handles "${wanted}"; known: ${known.sort().join(', ')}`);
  }

  #checkSelection({ mcpSelection }: ParsedAlert): void {
    for (const { name } of mcpSelection?.servers ?? [])
      if (!this.configuration.mcpServers[name]) throw invalidField('mcp', `MCP server "${name}" is not configured`);
  }

  /** A group's annotation is a hint, so a URL that is not allowed is only an error where the caller gave it. */
  #checkRunbook({ runbookUrl, isTypeBinding }: ParsedAlert): void {
    if (!runbookUrl || !isTypeBinding) return;
    const url = URL.canParse(runbookUrl) ? new URL(runbookUrl) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) throw invalidField('runbook', 'must be an http or https URL');
    const host = url.hostname.toLowerCase().replace(/^www\./, '');
    const { allowedDomains } = this.configuration.system.runbooks;
    if (!allowedDomains.some((domain) => domain.toLowerCase() === host))
      throw invalidField('runbook', `host "${host}" is not allowed; allowed: ${allowedDomains.join(', ')}`);
  }

  /** An alert that can not be masked is still an alert: it goes on as it is. */
  #mask(text: string): string {
    try {
      return this.#masker.mask(text);
    } catch (error) {
      this.logger.error({ error: messageOf(error) }, 'alert.masking-failed');
      return text;
    }
  }
}
