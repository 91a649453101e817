import { describe, expect, it } from 'vitest';
import { UnsupportedServerError } from './messaging.errors.js';
import { assertSupportedServer } from './server-version.js';

describe(assertSupportedServer.name, () => {
  it.each(['2.12.0', '2.12.0-RC.1', '2.12.9', '2.15.1', '3.0.0', 'v2.13.1'])('accepts %s', (version) => {
    expect(() => assertSupportedServer(version)).not.toThrow();
  });

  it.each(['2.9.10', '2.10.27', '2.11.99', '1.4.1', '', undefined])('refuses %s', (version) => {
    expect(() => assertSupportedServer(version)).toThrow(UnsupportedServerError);
  });

  it('names the version it found and the one to install', () => {
    expect(() => assertSupportedServer('2.10.27')).toThrow(/2\.10\.27.*2\.12\.0 or newer/s);
  });
});
