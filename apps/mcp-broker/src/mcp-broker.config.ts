import { InvalidEnvironmentError } from '@tarsy/service';

/** Inject the `Configuration` of `@tarsy/config`. */
export const CONFIGURATION = Symbol('CONFIGURATION');
/** Inject the {@link BrokerEnvironment}. */
export const BROKER_ENVIRONMENT = Symbol('BROKER_ENVIRONMENT');

export interface BrokerEnvironment {
  /** `REDIS_URL`; without it each broker keeps the listing of runbooks for itself. */
  readonly redisUrl: string | undefined;
  /** `GITHUB_API_URL`, without a slash at its end. Default is that of github.com; a GitHub of one's own has `https://<host>/api/v3`. */
  readonly githubApiUrl: string;
  /** Where tokens are, by the names that the configuration gives. */
  readonly variables: NodeJS.ProcessEnv;
}

/** @throws {InvalidEnvironmentError} */
export function readBrokerEnvironment(environment: NodeJS.ProcessEnv): BrokerEnvironment {
  const githubApiUrl = (environment['GITHUB_API_URL']?.trim() || 'https://api.github.com').replace(/\/+$/, '');
  if (!URL.canParse(githubApiUrl) || !/^https?:$/.test(new URL(githubApiUrl).protocol))
    throw new InvalidEnvironmentError('GITHUB_API_URL must be an http or https URL');
  return { redisUrl: environment['REDIS_URL']?.trim() || undefined, githubApiUrl, variables: environment };
}
