import { STREAM_NAMES, type StreamName } from '@tarsy/contracts';
import type { Messaging } from '@tarsy/messaging';

export type MessageCounts = Readonly<Record<StreamName, number>>;

/** How many messages each stream has ever stored; those that are gone are counted, too. */
export async function storedMessages({ manager, names }: Messaging): Promise<MessageCounts> {
  const counts = await Promise.all(
    STREAM_NAMES.map(async (name) => [name, (await manager.streams.info(names.stream(name))).state.last_seq] as const),
  );
  return Object.fromEntries(counts) as Record<StreamName, number>;
}
