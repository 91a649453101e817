import { Injectable, NotFoundException } from '@nestjs/common';
import type {
  ActiveSessions,
  AlertAccepted,
  FilterOptions,
  LlmInteractionDetail,
  McpInteractionDetail,
  SessionDetail,
  SessionList,
  SessionStatusView,
  SessionSummary,
  SessionTrace,
  TimelineEventView,
} from '@tarsy/contracts';
import { AcceptedAlerts } from '@tarsy/messaging';
import { SessionsReader, type SessionListFilter } from '@tarsy/persistence';
import { isUuid } from '../http/session-id.pipe.js';
import { pendingDetail, pendingStatus, pendingSummary } from './pending-session.js';

/** Sessions as the API shows them; one whose alert was only just accepted counts. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly reader: SessionsReader,
    private readonly acceptedAlerts: AcceptedAlerts,
  ) {}

  list(filter: SessionListFilter): Promise<SessionList> {
    return this.reader.list(filter);
  }

  active(): Promise<ActiveSessions> {
    return this.reader.active();
  }

  filterOptions(): Promise<FilterOptions> {
    return this.reader.filterOptions();
  }

  /** @throws {NotFoundException} no such session; so do all methods below but {@link timeline} */
  detail(id: string): Promise<SessionDetail> {
    return this.#find(id, () => this.reader.find(id), pendingDetail);
  }

  status(id: string): Promise<SessionStatusView> {
    return this.#find(id, () => this.reader.status(id), pendingStatus);
  }

  summary(id: string): Promise<SessionSummary> {
    return this.#find(id, () => this.reader.summary(id), pendingSummary);
  }

  /** Empty for an unknown session. */
  async timeline(id: string): Promise<TimelineEventView[]> {
    return isUuid(id) ? this.reader.timeline(id) : [];
  }

  async trace(id: string): Promise<SessionTrace> {
    await this.status(id);
    return this.reader.trace(id);
  }

  async llmInteraction(id: string, interactionId: string): Promise<LlmInteractionDetail> {
    return found(await this.reader.llmInteraction(id, interactionId));
  }

  async mcpInteraction(id: string, interactionId: string): Promise<McpInteractionDetail> {
    return found(await this.reader.mcpInteraction(id, interactionId));
  }

  async #find<View>(
    id: string,
    read: () => Promise<View | undefined>,
    pendingView: (alert: AlertAccepted, estimatesCost: boolean) => View,
  ): Promise<View> {
    const stored = await read();
    if (stored) return stored;
    const alert = await this.acceptedAlerts.find(id);
    if (alert) return pendingView(alert, this.reader.estimatesCost);
    // Between the two looks chain-runner may have moved it from the stream to the database.
    return found(await read());
  }
}

function found<View>(view: View | undefined): View {
  if (view === undefined) throw new NotFoundException('resource not found');
  return view;
}
