import type { Configuration } from '../configuration.js';
import { loadConfiguration, type LoadOptions } from '../load.js';
import { ConfigurationError } from '../problems.js';
import { contentDigest, fileState } from './file-state.js';

/** Files that could not be taken over. */
export interface Rejection {
  readonly error: ConfigurationError;
  readonly at: Date;
}

export interface LiveConfigurationOptions extends LoadOptions {
  /** How often the files are looked at, in milliseconds. Default 1000. */
  readonly intervalMs?: number;
  readonly onReload?: (configuration: LiveConfiguration) => void;
  readonly onReject?: (rejection: Rejection) => void;
}

const DEFAULT_INTERVAL_MS = 1_000;

/**
 * The configuration as its files are now. A change is taken over once the files have been the same for two looks, also when a mounted
 * ConfigMap is swapped; while they have errors, the last good one stays. Each part that is read is frozen: hold on to it for as long as
 * one piece of work needs the same values.
 */
export class LiveConfiguration implements Configuration {
  #current: Configuration;
  #digest: string;
  #loadedAt = new Date();
  #rejection: Rejection | undefined;
  #state: string;
  #changingTo: string | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;

  /** @throws {ConfigurationError} the files can not be used now */
  constructor(private readonly options: LiveConfigurationOptions = {}) {
    this.#current = loadConfiguration(options);
    this.#state = fileState(this.directory);
    this.#digest = contentDigest(this.directory);
    this.#timer = setInterval(() => this.#look(), options.intervalMs ?? DEFAULT_INTERVAL_MS).unref();
  }

  get directory(): Configuration['directory'] {
    return this.#current.directory;
  }

  get system(): Configuration['system'] {
    return this.#current.system;
  }

  get defaults(): Configuration['defaults'] {
    return this.#current.defaults;
  }

  get queue(): Configuration['queue'] {
    return this.#current.queue;
  }

  get agents(): Configuration['agents'] {
    return this.#current.agents;
  }

  get chains(): Configuration['chains'] {
    return this.#current.chains;
  }

  get mcpServers(): Configuration['mcpServers'] {
    return this.#current.mcpServers;
  }

  get llmProviders(): Configuration['llmProviders'] {
    return this.#current.llmProviders;
  }

  get skills(): Configuration['skills'] {
    return this.#current.skills;
  }

  get warnings(): Configuration['warnings'] {
    return this.#current.warnings;
  }

  get effective(): Configuration['effective'] {
    return this.#current.effective;
  }

  /** Tells versions apart; the same in every process that has read the same files. */
  get digest(): string {
    return this.#digest;
  }

  get loadedAt(): Date {
    return this.#loadedAt;
  }

  /** Why the files are not in effect; undefined while they are. */
  get rejection(): Rejection | undefined {
    return this.#rejection;
  }

  /** Calls back after every change that was taken over. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The files are not looked at any more. */
  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const state = stateOrReason(this.directory);
    if (state === this.#state) this.#changingTo = undefined;
    else if (state !== this.#changingTo) this.#changingTo = state;
    else this.#takeOver(state);
  }

  #takeOver(state: string): void {
    try {
      const loaded = loadConfiguration(this.options);
      const digest = contentDigest(this.directory);
      // Written to while it was read: the next look sees another state.
      if (stateOrReason(this.directory) !== state) return;
      this.#current = loaded;
      this.#digest = digest;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) return;
      if (stateOrReason(this.directory) === state) this.#reject(state, error);
      return;
    }
    this.#state = state;
    this.#loadedAt = new Date();
    this.#rejection = undefined;
    this.options.onReload?.(this);
    for (const listener of this.#listeners) listener();
  }

  #reject(state: string, error: ConfigurationError): void {
    this.#state = state;
    this.#rejection = { error, at: new Date() };
    this.options.onReject?.(this.#rejection);
  }
}

/** A file that vanishes while it is looked at makes a state of its own. */
function stateOrReason(directory: string): string {
  try {
    return fileState(directory);
  } catch (error) {
    return String(error);
  }
}
