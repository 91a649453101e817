export { Messaging } from './messaging.js';
export type { MessagingOptions } from './messaging-options.js';
export {
  DeliveriesExhaustedError,
  DeliveryLostError,
  ExecutionLostError,
  InvalidConsumerError,
  InvalidMessageError,
  InvalidNamespaceError,
  MessageRefusedError,
  MessagingUnavailableError,
  PayloadMissingError,
  QueueFullError,
  ShuttingDownError,
  UnsupportedServerError,
} from './messaging.errors.js';
export { MessagePublisher, type PublishResult } from './message-publisher.js';
export { Consume, type BatchConsumeOptions, type ConsumeOptions } from './consume.js';
export type { Delivery, RawDelivery } from './delivery.js';
export { ConsumerHost, type RunningConsumer } from './consumer-host.js';
export { JetStreamServer } from './jetstream-server.js';
export { MessagingModule } from './messaging.module.js';
export { JournalStore } from './journal-store.js';
export { ExecutionJournal, type NewJournalEntry } from './execution-journal.js';
export { Buckets } from './buckets.js';
export { KeyValueBucket } from './key-value-bucket.js';
export { parseSessionLogMessage, type SessionLogContent, type SessionLogMessage } from './session-log-message.js';
export { SessionLog } from './session-log.js';
export { ChunkPublisher, ChunkReader } from './chunks.js';
export { DeadLetters, type DeadLetter, type DeadLetterRequest } from './dead-letters.js';
export { QueueInspector, type QueueConsumerState, type QueueState } from './queue-inspector.js';
export { permissionsOf, type NatsPermissions } from './permissions.js';
export { AcceptedAlerts } from './accepted-alerts.js';
export { Lookups } from './lookups.js';
