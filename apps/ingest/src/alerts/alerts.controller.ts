import { Body, Controller, Headers, HttpCode, HttpException, Post } from '@nestjs/common';
import { Clock, derivedTimeId, newId } from '@tarsy/core';
import { authorOf } from '../http/author.js';
import { AlertRefusedError } from './alerts.errors.js';
import { AlertsService, type Submission } from './alerts.service.js';
import { KnownSessions } from './known-sessions.js';
import type { AlertFormat } from './formats/alert-format.js';
import { parseAlertmanagerGroup } from './formats/alertmanager.js';
import { parseApiAlert } from './formats/api.js';

type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;
/** Requests with the same key within a day are the same alert. */
const DAY_SECONDS = 24 * 60 * 60;
const DAY_MS = DAY_SECONDS * 1_000;

@Controller()
export class AlertsController {
  constructor(
    private readonly alerts: AlertsService,
    private readonly knownSessions: KnownSessions,
    private readonly clock: Clock,
  ) {}

  @Post('alerts')
  @HttpCode(202)
  async submit(
    @Body() body: unknown,
    @Headers() headers: RequestHeaders,
  ): Promise<{ session_id: string; status: string; message: string }> {
    const { sessionId } = await this.#take(parseApiAlert, body, headers);
    return { session_id: sessionId!, status: 'queued', message: 'Alert submitted for processing' };
  }

  @Post('webhooks/alertmanager')
  @HttpCode(202)
  async alertmanager(
    @Body() body: unknown,
    @Headers() headers: RequestHeaders,
  ): Promise<{ accepted: number; session_id?: string }> {
    const { sessionId, accepted } = await this.#take(parseAlertmanagerGroup, body, headers);
    return { accepted, ...(sessionId ? { session_id: sessionId } : {}) };
  }

  async #take(format: AlertFormat, body: unknown, headers: RequestHeaders): Promise<Submission> {
    const author = authorOf(headers);
    const nowMs = this.clock.nowMs();
    try {
      return await this.alerts.submit(format(body, nowMs), await this.#sessionIdFor(headers, author, nowMs), author);
    } catch (error) {
      if (error instanceof AlertRefusedError)
        throw new HttpException({ message: error.message }, error.status, { cause: error });
      throw error;
    }
  }

  /** A caller that may have to repeat a request names it by `Idempotency-Key`; the same key gives the same session. */
  async #sessionIdFor(headers: RequestHeaders, author: string, nowMs: number): Promise<string> {
    const key = headers['idempotency-key'];
    if (typeof key !== 'string' || !key) return newId(nowMs);
    const derivedId = derivedTimeId(Math.floor(nowMs / DAY_MS) * DAY_MS, 'idempotency-key', author, key);
    return await this.knownSessions.sessionOf('idempotency-key', JSON.stringify([author, key]), derivedId, DAY_SECONDS);
  }
}
