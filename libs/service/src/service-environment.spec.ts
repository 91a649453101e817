import { describe, expect, it } from 'vitest';
import { InvalidEnvironmentError, readServiceEnvironment } from './service-environment.js';

describe(readServiceEnvironment.name, () => {
  it('has a default for everything', () => {
    expect(readServiceEnvironment('ingest', {})).toEqual({
      replica: `ingest-${process.pid}`,
      namespace: 'tarsy',
      natsUrl: 'nats://127.0.0.1:4222',
      streamReplicas: 1,
      httpHost: '127.0.0.1',
      httpPort: 0,
      logLevel: 'info',
      shutdownGraceMs: 20_000,
    });
  });

  it('counts an empty value as absent', () => {
    expect(readServiceEnvironment('ingest', { HTTP_PORT: '', NATS_URL: ' ' })).toMatchObject({ httpPort: 0 });
  });

  it.each(['eighty', '-1', '70000', '1.5'])('refuses the port "%s" and names the variable', (HTTP_PORT) => {
    expect(() => readServiceEnvironment('ingest', { HTTP_PORT })).toThrow(InvalidEnvironmentError);
    expect(() => readServiceEnvironment('ingest', { HTTP_PORT })).toThrow(/HTTP_PORT/);
  });
});
