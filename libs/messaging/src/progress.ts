import type { JsMsg } from '@nats-io/jetstream';

/**
 * Tells JetStream every third of the ack wait that the messages are being worked on. When that was impossible for a whole ack wait
 * (no connection, a process that was paused), somebody else may have them: `onLost` is called once.
 * @returns how to stop
 */
export function reportProgress(
  messages: () => Iterable<JsMsg>,
  ackWaitMs: number,
  isConnected: () => boolean,
  onLost: () => void,
): () => void {
  let reportedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - reportedAt >= ackWaitMs) {
      clearInterval(timer);
      onLost();
    } else if (isConnected()) {
      for (const message of messages()) message.working();
      reportedAt = now;
    }
  }, ackWaitMs / 3);
  return () => clearInterval(timer);
}
