import { describe, expect, it } from 'vitest';
import { CliError } from '../cli.errors.js';
import { findChromium } from './chromium.js';

const holding =
  (...paths: string[]) =>
  (path: unknown): boolean =>
    paths.includes(String(path));

describe(findChromium, () => {
  it('takes what TARSY_CHROMIUM names before anything on PATH', () => {
    const environment = { TARSY_CHROMIUM: '/mine/chrome', PATH: '/bin' };
    expect(findChromium(environment, holding('/mine/chrome', '/bin/chromium'))).toBe('/mine/chrome');
  });

  it('refuses a TARSY_CHROMIUM that does not exist instead of taking another browser', () => {
    const environment = { TARSY_CHROMIUM: '/gone', PATH: '/bin' };
    expect(() => findChromium(environment, holding('/bin/chromium'))).toThrow(CliError);
  });

  it('looks through PATH in its order, then in the usual places', () => {
    const exists = holding('/b/google-chrome', '/a/chromium-browser', '/snap/bin/chromium');
    expect(findChromium({ PATH: '/a:/b' }, exists)).toBe('/a/chromium-browser');
    expect(findChromium({ PATH: '/c' }, exists)).toBe('/snap/bin/chromium');
  });

  it('says that there is none', () => {
    expect(findChromium({ PATH: '' }, holding('chromium'))).toBeUndefined();
  });
});
