import { describe, expect, it } from 'vitest';
import { isAllowedOrigin } from './origins.js';

describe(isAllowedOrigin.name, () => {
  it.each([
    [undefined, true],
    ['http://localhost:5173', true],
    ['http://127.0.0.1:9999', true],
    ['https://tarsy.example.com', true],
    ['https://deep.example.org', true],
    ['http://secure.example.net', false],
    ['https://secure.example.net', true],
    ['https://evil.example.com', false],
    ['https://tarsy.example.com.evil.test', false],
    ['http://localhost.evil.test', false],
    ['null', false],
    ['not an origin', false],
  ])('origin %s: %s', (origin, expected) => {
    const allowed = ['*.example.org', 'https://secure.example.net'];
    expect(isAllowedOrigin(origin, ['tarsy.example.com', undefined], allowed)).toBe(expected);
  });
});
