import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { failureKindOf } from './failure-kind.js';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

describe(failureKindOf.name, () => {
  it.each([
    ['an error that the server answered', new McpError(ErrorCode.InvalidParams, 'no such argument'), 'answer'],
    ['a request without an answer in time', new McpError(ErrorCode.RequestTimeout, 'timed out'), 'timeout'],
    ['headers that did not come', new TypeError('fetch failed', { cause: withCode('UND_ERR_HEADERS_TIMEOUT') }), 'timeout'], // prettier-ignore
    ['a pipe that was closed in between', new McpError(ErrorCode.ConnectionClosed, 'closed'), 'broken'],
    ['a reset connection', new TypeError('fetch failed', { cause: withCode('ECONNRESET') }), 'broken'],
    ['HTTP 502', new StreamableHTTPError(502, 'bad gateway'), 'broken'],
    ['a refused connection', new TypeError('fetch failed', { cause: withCode('ECONNREFUSED') }), 'not-reached'],
    ['a program that does not exist', withCode('ENOENT'), 'not-reached'],
    ['a pipe that was closed before', new Error('Not connected'), 'not-reached'],
    ['HTTP 404, the session is gone', new StreamableHTTPError(404, 'no session'), 'not-reached'],
    ['HTTP 429', new StreamableHTTPError(429, 'slow down'), 'not-reached'],
    ['HTTP 401', new StreamableHTTPError(401, 'who are you'), 'rejected'],
  ])('takes %s for what it is', (_title, error, kind) => {
    expect(failureKindOf(error)).toBe(kind);
  });
});
