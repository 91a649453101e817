import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port on the loopback interface that nobody listens on now: `wanted` when that is free, else one the system chooses. */
export async function freePort(wanted = 0, host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  try {
    server.listen(wanted, host);
    await once(server, 'listening');
  } catch (error) {
    if (wanted !== 0) return await freePort(0, host);
    throw error;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('a TCP address has a port');
  return address.port;
}

export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await freePort(port, host)) === port;
}
