import type { Configuration } from '@tarsy/config';
import { describe, expect, it } from 'vitest';
import { readSettings } from './notifier.config.js';

const configured = (slack: { enabled: boolean }): Pick<Configuration, 'system'> => ({
  system: {
    dashboardUrl: 'https://tarsy.example.com/',
    slack: { tokenEnv: 'MY_TOKEN', channel: 'C1', ...slack },
  } as Configuration['system'],
});

describe(readSettings.name, () => {
  it('has no Slack where it is not enabled, whatever the environment holds', () => {
    expect(readSettings(configured({ enabled: false }), { MY_TOKEN: 'xoxb-1' })).toEqual({ slack: undefined });
  });

  it('reads the token by the name that the configuration gives, and the address', () => {
    const environment = { MY_TOKEN: ' xoxb-1 ', SLACK_BOT_TOKEN: 'other', SLACK_API_URL: 'https://slack-gov.com/api/' };
    expect(readSettings(configured({ enabled: true }), environment).slack).toMatchObject({
      token: 'xoxb-1',
      channel: 'C1',
      apiUrl: 'https://slack-gov.com/api/',
      dashboardUrl: 'https://tarsy.example.com',
    });
    expect(readSettings(configured({ enabled: true }), { MY_TOKEN: 'xoxb-1' }).slack?.apiUrl).toBeUndefined();
  });

  it.each([
    [{}, 'MY_TOKEN is not set'],
    [{ MY_TOKEN: 'xoxb-1', SLACK_API_URL: 'slack.com' }, 'SLACK_API_URL must be an address'],
  ])('refuses to start with %j', (environment, message) => {
    expect(() => readSettings(configured({ enabled: true }), environment)).toThrow(message);
  });
});
