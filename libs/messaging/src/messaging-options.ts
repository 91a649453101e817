export interface MessagingOptions {
  /** `nats://host:port`, several with commas between. */
  readonly url: string;
  /** Root token of every subject; `tarsy` unless several systems share one server. Lower-case letters, digits, `-`, `_`. */
  readonly namespace: string;
  /** Shown in the server's connection list. */
  readonly clientName: string;
}
