import { Inject, Injectable } from '@nestjs/common';
import { chainIdFor, type Configuration } from '@tarsy/config';
import { alertAccepted, alertResolved } from '@tarsy/contracts';
import { Clock, derivedTimeId, messageOf, sha256 } from '@tarsy/core';
import { Masker } from '@tarsy/masking';
import { MessagePublisher } from '@tarsy/messaging';
import { Metrics, type Counter, type Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { CONFIGURATION } from '../ingest.config.js';
import { invalidField } from './alerts.errors.js';
import type { ParsedAlert, ParsedRequest, Resolution } from './formats/alert-format.js';
import { KnownSessions } from './known-sessions.js';

export interface Submission {
  /** Undefined where nothing fires. */
  readonly sessionId: string | undefined;
  readonly accepted: number;
}

/** Longer than Alertmanager's default repeat interval of 4 h: a group that still fires keeps its session. */
const GROUP_SECONDS = 12 * 60 * 60;
/** Stands in metrics for a type that no chain names: producers invent them without end. */
const OTHER_TYPE = 'other';

/** Checks, masks and stores alerts. Returns only after JetStream has acknowledged. */
@Injectable()
export class AlertsService {
  #masker: { readonly settings: object; readonly masker: Masker } | undefined;
  readonly #submitted: Counter<'alert_type'>;

  constructor(
    private readonly publisher: MessagePublisher,
    private readonly knownSessions: KnownSessions,
    private readonly clock: Clock,
    metrics: Metrics,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#submitted = metrics.counter('tarsy_sessions_submitted_total', 'Sessions asked for.', ['alert_type']);
  }

  /**
   * @param sessionId Used unless the alert belongs to a group, whose session id derives from the group.
   * @throws {AlertRefusedError} the request can never be accepted
   * @throws {QueueFullError} or {@link MessagingUnavailableError}: not now
   */
  async submit(
    { alert, resolution, accepted }: ParsedRequest,
    sessionId: string,
    author?: string,
  ): Promise<Submission> {
    const submitted = alert ? await this.#accept(alert, sessionId, author) : undefined;
    if (resolution) await this.#resolve(resolution, alert === undefined);
    return { sessionId: submitted, accepted };
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
      labels: Object.fromEntries(Object.entries(alert.labels).map(([name, value]) => [name, this.#mask(value)])),
      fingerprints: [...(alert.group?.fingerprints ?? [])],
      ...(alert.group ? { groupKey: alert.group.key } : {}),
      ...(author ? { author } : {}),
      ...(alert.runbookUrl ? { runbookUrl: alert.runbookUrl } : {}),
      ...(alert.mcpSelection ? { mcpSelection: alert.mcpSelection } : {}),
      ...(alert.budget ? { budget: alert.budget } : {}),
      ...(alert.slackMessageFingerprint ? { slackMessageFingerprint: alert.slackMessageFingerprint } : {}),
    });
    this.#submitted.inc({ alert_type: chainIdFor(this.configuration, alertType) ? alertType : OTHER_TYPE });
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
    if (isOver) await this.knownSessions.forget(source, groupKey);
  }

  async #sessionOfGroup(source: string, { key, startedAtMs }: NonNullable<ParsedAlert['group']>): Promise<string> {
    const derivedId = derivedTimeId(startedAtMs, source, key, String(startedAtMs));
    return await this.knownSessions.sessionOf(source, key, derivedId, GROUP_SECONDS);
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
      if (!Object.hasOwn(this.configuration.mcpServers, name))
        throw invalidField('mcp', `MCP server "${name}" is not configured`);
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
      return this.#currentMasker().mask(text);
    } catch (error) {
      this.logger.error({ error: messageOf(error) }, 'alert.masking-failed');
      return text;
    }
  }

  /** Built again only when the configuration was. */
  #currentMasker(): Masker {
    const settings = this.configuration.defaults.alertMasking;
    if (this.#masker?.settings !== settings) {
      const masker = new Masker({ patternGroups: settings.enabled ? [settings.patternGroup] : [] });
      this.#masker = { settings, masker };
    }
    return this.#masker.masker;
  }
}
