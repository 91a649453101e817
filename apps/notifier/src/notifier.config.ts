import type { Configuration } from '@tarsy/config';
import { InvalidEnvironmentError } from '@tarsy/service';

/** Inject the {@link SlackSettings}; only there when Slack is configured. */
export const SLACK_SETTINGS = Symbol('SLACK_SETTINGS');

/** When to stop trying, and how long doubt lasts. Pauses between attempts are those of `outcomeOf` in `@tarsy/messaging`. */
export interface RetrySettings {
  /** Attempts at something that Slack refuses, such as a bad token, before it is set aside: about ten minutes. Default 15. */
  readonly refusedAttempts: number;
  /** How long a message whose answer was lost may take to appear in Slack, in milliseconds. Default 15 000. */
  readonly settleMs: number;
}

export interface SlackSettings {
  readonly token: string;
  /** Id of the channel, such as `C0123456789`. */
  readonly channel: string;
  /** Base address of Slack's Web API; undefined is Slack's own. */
  readonly apiUrl: string | undefined;
  readonly dashboardUrl: string;
  readonly retry: RetrySettings;
}

export interface NotifierSettings {
  /** Undefined when Slack is not configured. */
  readonly slack: SlackSettings | undefined;
}

const RETRY: RetrySettings = { refusedAttempts: 15, settleMs: 15_000 };

/**
 * `system.slack` of the configuration, its token by the variable it names, `SLACK_API_URL`.
 * @throws {InvalidEnvironmentError} Slack is enabled but its token is missing, or the address is none
 */
export function readSettings(
  { system }: Pick<Configuration, 'system'>,
  environment: NodeJS.ProcessEnv,
): NotifierSettings {
  const { enabled, tokenEnv, channel } = system.slack;
  if (!enabled) return { slack: undefined };
  const token = environment[tokenEnv]?.trim();
  if (!token) throw new InvalidEnvironmentError(`Slack is enabled, but ${tokenEnv} is not set`);
  const apiUrl = environment['SLACK_API_URL']?.trim() || undefined;
  if (apiUrl !== undefined && !/^https?:\/\//.test(apiUrl))
    throw new InvalidEnvironmentError('SLACK_API_URL must be an address such as https://slack.com/api/');
  return { slack: { token, channel, apiUrl, dashboardUrl: system.dashboardUrl.replace(/\/+$/, ''), retry: RETRY } };
}
