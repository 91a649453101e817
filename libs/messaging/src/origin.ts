import type { MsgHdrs } from '@nats-io/nats-core';
import { subjectFilters } from '@tarsy/contracts';
import type { Namespace } from './namespace.js';

export const ORIGIN_HEADER = { subject: 'Tarsy-Original-Subject', sequence: 'Tarsy-Original-Sequence' } as const;

const REDELIVERIES = subjectFilters.redeliveries.replace('*', '');

/** What a message is known by: its own place, or for one that its consumer gets again the place where it was first. */
export interface Origin {
  /** Unqualified. */
  readonly subject: string;
  readonly sequence: number;
}

/** @param message With its qualified subject, as the server delivers it. */
export function originOf(
  message: { readonly subject: string; readonly sequence: number; readonly headers?: MsgHdrs | undefined },
  names: Namespace,
): Origin {
  const { sequence, headers } = message;
  const subject = names.unqualify(message.subject);
  // Anywhere else these headers would be somebody's claim: only chain-runner may publish a redelivery.
  if (!subject.startsWith(REDELIVERIES) || headers === undefined) return { subject, sequence };
  return { subject: headers.get(ORIGIN_HEADER.subject), sequence: Number(headers.get(ORIGIN_HEADER.sequence)) };
}

export function setOrigin(headers: MsgHdrs, subject: string, sequence: number): void {
  headers.set(ORIGIN_HEADER.subject, subject);
  headers.set(ORIGIN_HEADER.sequence, String(sequence));
}
