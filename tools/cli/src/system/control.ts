import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../cli.errors.js';
import { systemStatusSchema, type SystemStatus } from './system-status.js';

/** Longest path of a Unix socket that every system takes. */
const LONGEST_SOCKET_PATH = 100;

/** Where the supervisor of a data folder listens; private to its user. */
function controlSocketOf(dataDirectory: string): string {
  const path = join(dataDirectory, 'control.sock');
  if (path.length <= LONGEST_SOCKET_PATH) return path;
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16);
  return join(tmpdir(), `tarsy-${hash}.sock`);
}

export interface ControlHandlers {
  readonly status: () => SystemStatus;
  readonly stop: () => void;
}

/** @throws {CliError} a supervisor listens for this data folder already */
export async function listenForControl(dataDirectory: string, handlers: ControlHandlers): Promise<Server> {
  const server = createServer((incoming, response) => {
    if (incoming.method === 'POST' && incoming.url === '/stop') handlers.stop();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(handlers.status()));
  });
  const path = controlSocketOf(dataDirectory);
  try {
    await listen(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await refuseSecond(dataDirectory);
    // Left by a supervisor that was killed.
    rmSync(path, { force: true });
    await listen(server, path);
  }
  return server;
}

async function listen(server: Server, path: string): Promise<void> {
  const before = process.umask(0o077);
  server.listen(path);
  process.umask(before);
  await once(server, 'listening');
}

/** @throws {CliError} a system runs on this data folder already */
export async function refuseSecond(dataDirectory: string): Promise<void> {
  const running = await askSupervisor(dataDirectory, 'status');
  if (running) throw new CliError(`a system is running on ${dataDirectory} already: ${running.url || 'still starting'}; stop it with \`tarsy down\` or choose another --data-dir`); // prettier-ignore
}

/** Undefined when no supervisor runs for this data folder. */
export async function askSupervisor(
  dataDirectory: string,
  command: 'status' | 'stop',
): Promise<SystemStatus | undefined> {
  return await new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath: controlSocketOf(dataDirectory),
        path: `/${command}`,
        method: command === 'stop' ? 'POST' : 'GET',
        timeout: 5_000,
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const parsed = systemStatusSchema.safeParse(JSON.parse(Buffer.concat(pieces).toString('utf8')));
          if (parsed.success) resolve(parsed.data);
          else reject(parsed.error);
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('the supervisor does not answer')));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // Reset: it has just ended.
      if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET'].includes(error.code ?? '')) resolve(undefined);
      else reject(error);
    });
    outgoing.end();
  });
}
