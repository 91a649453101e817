import { AppError } from '@tarsy/core';

/** The server is older than what the product relies on; older ones silently ignore settings they do not know. */
export class UnsupportedServerError extends AppError {
  readonly code = 'UNSUPPORTED_SERVER';
  readonly retryable = false;
}

/** The namespace can not be part of subjects and stream names. */
export class InvalidNamespaceError extends AppError {
  readonly code = 'INVALID_NAMESPACE';
  readonly retryable = false;
}

/** NATS did not answer in time. What was asked for may or may not have happened; repeating it is safe. */
export class MessagingUnavailableError extends AppError {
  readonly code = 'MESSAGING_UNAVAILABLE';
  readonly retryable = true;
}

/** A stream or the payload store has reached its limit and pushes back. */
export class QueueFullError extends AppError {
  readonly code = 'QUEUE_FULL';
  readonly retryable = true;
}

/** JetStream refused for a reason that repeating does not change. */
export class MessageRefusedError extends AppError {
  readonly code = 'MESSAGE_REFUSED';
  readonly retryable = false;
}

/** A message does not have the shape its definition promises. */
export class InvalidMessageError extends AppError {
  readonly code = 'INVALID_MESSAGE';
  readonly retryable = false;
}

/** A message refers to a body that the payload store no longer has. */
export class PayloadMissingError extends AppError {
  readonly code = 'PAYLOAD_MISSING';
  readonly retryable = false;
}

/**
 * Another worker holds the execution now; whoever gets this must stop at once and publish nothing more. A message handler lets it
 * through: the host then leaves the delivery alone, because an acknowledgement from here would count for the other worker's.
 */
export class ExecutionLostError extends AppError {
  readonly code = 'EXECUTION_LOST';
  readonly retryable = false;
}

/** A message was delivered more often than its consumer allows, most likely because each try killed its process. */
export class DeliveriesExhaustedError extends AppError {
  readonly code = 'DELIVERIES_EXHAUSTED';
  readonly retryable = false;
}

/** Two handlers for one durable consumer, or filters that JetStream can not tell apart. */
export class InvalidConsumerError extends AppError {
  readonly code = 'INVALID_CONSUMER';
  readonly retryable = false;
}

/** The service stops before the handler was done; the delivery goes to another replica. */
export class ShuttingDownError extends AppError {
  readonly code = 'SHUTTING_DOWN';
  readonly retryable = true;
}

/** The server gave the message to somebody else, or may have: progress could not be reported for a whole ack wait. */
export class DeliveryLostError extends AppError {
  readonly code = 'DELIVERY_LOST';
  readonly retryable = true;
}
