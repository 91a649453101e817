import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';

export interface CountedServer {
  readonly port: number;
  /** Since the test began. */
  requests: number;
  /** Answers 500; false again for each test. */
  isDown: boolean;
}

/** An HTTP server on the loopback address that gives every request of the test file the same answer. */
export function useCountedServer(answer: string): CountedServer {
  const server = createServer((_request, response) => {
    counted.requests++;
    if (counted.isDown) return response.writeHead(500).end();
    response.end(answer);
  });
  const counted: CountedServer = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    requests: 0,
    isDown: false,
  };
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  beforeEach(() => {
    counted.requests = 0;
    counted.isDown = false;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return counted;
}
