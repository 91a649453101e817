import { startSlackServer, type SlackServer, type SlackTrouble } from '@tarsy/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slackClient, slackErrorOf } from './slack-calls.js';
import { SendingTooLateError } from './slack.errors.js';

let server: SlackServer;
beforeAll(async () => {
  server = await startSlackServer(['C1']);
});
afterAll(() => server.close());

const options = { limitMs: 300, signal: new AbortController().signal };
const failureOf = async (given: Partial<Parameters<typeof slackClient>[2]>, token = server.token): Promise<Error> => {
  const client = slackClient(token, server.url, { ...options, ...given });
  return await client.chat.postMessage({ channel: 'C1', text: 'hello' }).then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => slackErrorOf(error),
  );
};

describe(slackErrorOf.name, () => {
  it.each<[SlackTrouble, object]>([
    [
      { kind: 'rate-limited', retryAfterSeconds: 7 },
      { code: 'SLACK_RATE_LIMITED', retryAfterMs: 7_000 },
    ],
    [
      { kind: 'error', error: 'ratelimited' },
      { code: 'SLACK_RATE_LIMITED', retryAfterMs: 30_000 },
    ],
    [
      { kind: 'error', error: 'not_in_channel' },
      { code: 'SLACK_REFUSED', reason: 'not_in_channel' },
    ],
    [{ kind: 'error', error: 'fatal_error' }, { code: 'SLACK_UNAVAILABLE' }],
    [
      { kind: 'status', status: 403 },
      { code: 'SLACK_REFUSED', reason: 'HTTP 403' },
    ],
    [
      { kind: 'status', status: 502 },
      { code: 'SLACK_UNAVAILABLE', message: 'Slack answered HTTP 502' },
    ],
    [{ kind: 'answer-lost', connection: 'closed' }, { code: 'SLACK_UNAVAILABLE' }],
    [{ kind: 'answer-lost', connection: 'open' }, { code: 'SLACK_UNAVAILABLE' }],
  ])('knows %j', async (trouble, expected) => {
    const before = server.calls.length;
    server.trouble(() => trouble);
    expect(await failureOf({})).toMatchObject(expected);
    server.trouble(() => undefined);
    expect(server.calls.length - before).toBe(1);
  });

  it('never says the token', async () => {
    const error = await failureOf({}, 'xoxb-secret');
    expect(error).toMatchObject({ reason: 'invalid_auth' });
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('xoxb-secret');
  });

  it('lets through what stopped a call before it was sent', async () => {
    const before = server.calls.length;
    const late = new SendingTooLateError('late');
    const beforeSending = (): never => {
      throw late;
    };
    expect(await failureOf({ beforeSending })).toBe(late);
    const lost = new SendingTooLateError('aborted');
    expect(await failureOf({ signal: AbortSignal.abort(lost) })).toBe(lost);
    expect(server.calls.length).toBe(before);
  });
});
