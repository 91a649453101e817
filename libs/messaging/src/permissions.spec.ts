import { ACCESS, SERVICE_NAMES, STREAM_NAMES, STREAM_SETTINGS } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { permissionsOf } from './permissions.js';

describe(permissionsOf.name, () => {
  it('names subjects, streams and buckets of the namespace alone', () => {
    for (const identity of SERVICE_NAMES) {
      const { publish, subscribe } = permissionsOf(identity, 'team-a');
      for (const subject of [...publish.allow, ...publish.deny, ...subscribe.allow])
        expect(subject).toMatch(
          /^(team-a\.|_INBOX\.team-a\.|\$JS\.API\.INFO$|\$JS\..*\.(TEAM-A_|KV_team-a_|OBJ_team-a_)|\$(KV|O)\.team-a_)/,
        );
    }
  });

  it('gives a producer nothing but the subjects of raw alerts', () => {
    expect(permissionsOf('producer', 'tarsy').publish.allow).toEqual(['tarsy.alerts.raw.*']);
  });

  it('keeps the durable consumers of the session log apart', () => {
    expect(permissionsOf('notifier', 'tarsy').publish.deny).toContain('$JS.ACK.SESSIONS.recorder.>');
    expect(permissionsOf('notifier', 'tarsy').publish.deny.join()).not.toContain('notifier');
  });

  it('refuses a namespace that is none', () => {
    expect(() => permissionsOf('ingest', 'a.>')).toThrow('namespace');
  });
});

describe('the table of who does what', () => {
  it.each(STREAM_NAMES.filter((name) => STREAM_SETTINGS[name].retention === 'workqueue'))(
    'has somebody who takes from %s',
    (stream) => {
      expect(SERVICE_NAMES.some((name) => ACCESS[name].takesFrom?.includes(stream))).toBe(true);
    },
  );

  it('has one service that creates streams', () => {
    expect(SERVICE_NAMES.filter((name) => ACCESS[name].provisions)).toEqual(['chain-runner']);
  });
});
