import { describe, expect, it } from 'vitest';
import { authorOf } from './author.js';

describe(authorOf.name, () => {
  it('prefers the forwarded user, then the e-mail address, then the remote user', () => {
    const headers = { 'x-remote-user': 'service', 'x-forwarded-email': 'a@example.com', 'x-forwarded-user': 'ann' };
    expect(authorOf(headers)).toBe('ann');
    expect(authorOf({ ...headers, 'x-forwarded-user': ' ' })).toBe('a@example.com');
    expect(authorOf({ 'x-remote-user': 'service' })).toBe('service');
  });

  it('calls a sender without identity api-client', () => {
    expect(authorOf({})).toBe('api-client');
  });
});
