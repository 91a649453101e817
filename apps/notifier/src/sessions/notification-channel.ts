import type { Delivery } from '@tarsy/messaging';
import type { Notification } from './notification.js';

/** One way to reach people. */
export interface NotificationChannel {
  /**
   * Tells people, once: a repeated call for the same notification changes nothing. Throws an `AppError` that says whether to try again.
   */
  notify(notification: Notification, delivery: Delivery): Promise<void>;
}

/** Inject every configured {@link NotificationChannel}, as an array; empty when there is none. */
export const NOTIFICATION_CHANNELS = Symbol('NOTIFICATION_CHANNELS');
