import type { MessageDefinition } from '@tarsy/contracts';
import { placeOf, type Attributes } from '@tarsy/observability';

/** What spans of message hops say: the kind of message and its ids, never its body. */
export function attributesOf(
  { name, stream }: Pick<MessageDefinition, 'name' | 'stream'>,
  operation: 'send' | 'process',
  payload: unknown,
  more: Attributes = {},
): Attributes {
  return {
    'messaging.system': 'nats',
    'messaging.destination.name': stream,
    'messaging.operation.type': operation,
    'messaging.operation.name': operation === 'send' ? 'publish' : 'consume',
    'tarsy.message': name,
    // What producers write may hold anything, also in a field of that name.
    ...(stream === 'ALERTS_RAW' ? {} : idsOf(payload)),
    ...more,
  };
}

/** The session that a message is about, where it is about one. */
export function sessionOf(payload: unknown): string | undefined {
  return idOf(payload, 'sessionId');
}

function idsOf(payload: unknown): Attributes {
  return placeOf({
    ...optional('sessionId', idOf(payload, 'sessionId')),
    ...optional('stageId', idOf(payload, 'stageId')),
    ...optional('executionId', idOf(payload, 'executionId')),
  });
}

function idOf(payload: unknown, field: string): string | undefined {
  const value = (payload as Record<string, unknown> | null | undefined)?.[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function optional<Key extends string>(key: Key, value: string | undefined): { [Name in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [Name in Key]: string });
}
