import { Injectable } from '@nestjs/common';
import { alertAccepted, subjects, type AlertAccepted } from '@tarsy/contracts';
import { parseBody } from './body.js';
import { Messaging } from './messaging.js';

/** Reads accepted alerts that chain-runner has not taken yet. */
@Injectable()
export class AcceptedAlerts {
  constructor(private readonly messaging: Messaging) {}

  /** Undefined once the session is in the database, and for an id that nobody was ever given. */
  async find(sessionId: string): Promise<AlertAccepted | undefined> {
    const { manager, names, payloads } = this.messaging;
    const subject = names.qualify(subjects.acceptedAlertOfSession(sessionId));
    const message = await manager.streams.getMessage(names.stream('ALERTS'), { last_by_subj: subject });
    if (message === null) return undefined;
    return parseBody(subject, alertAccepted.schema, await payloads.resolve(message.data, message.header));
  }
}
