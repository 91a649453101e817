import { Channel } from '#lib/live/channel.svelte';

/** Rings when somebody, perhaps in another window, may have asked about a session whose own stream has ended. */
export class ChatBell {
  readonly #channel: Channel;

  constructor(sessionId: string, onRing: () => void) {
    this.#channel = new Channel(
      'sessions',
      (event) => {
        if (event.type === 'stage.status' && event.session_id === sessionId) onRing();
      },
      onRing,
    );
  }

  close(): void {
    this.#channel.close();
  }
}
