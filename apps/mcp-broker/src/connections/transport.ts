import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { HOST_SERVER_COMMAND, type TransportSettings } from '@tarsy/config';
import { hostServerEntry } from '@tarsy/mcp-servers';
import { Agent, EnvHttpProxyAgent, fetch as fetchWith, Response, type Dispatcher } from 'undici';

/** All that a child process gets beside what it is configured to get: enough to find programs and a home folder. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'] as const;
/** What the operator tells the host server through the broker's own environment. */
const INHERITED_BY_HOST = ['TARSY_HOST_PROBE_ALLOW'] as const;

/** One message of a stdio server may not be larger; its connection is given up. */
const MOST_BUFFERED_BYTES = 32 * 1024 ** 2;

export interface TransportListeners {
  /** Receives what a stdio server writes to its standard error. */
  readonly onStderr: (text: string) => void;
  /** An answer over HTTP broke off; the SDK itself would leave its request waiting for ever. */
  readonly onBroken: () => void;
}

export function createTransport(settings: TransportSettings, { onStderr, onBroken }: TransportListeners): Transport {
  if (settings.type === 'stdio') return stdioTransport(settings, onStderr);
  const url = new URL(settings.url);
  const requestInit: RequestInit = { headers: headersFor(settings) };
  const fetch = fetchFor(url, settings, onBroken);
  return (
    settings.type === 'http'
      ? new StreamableHTTPClientTransport(url, { requestInit, fetch })
      : new SSEClientTransport(url, { requestInit, fetch })
  ) as Transport;
}

function stdioTransport(settings: TransportSettings, onStderr: (text: string) => void): Transport {
  const isOwn = settings.command === HOST_SERVER_COMMAND;
  const transport = new StdioClientTransport({
    command: isOwn ? process.execPath : settings.command,
    args: isOwn ? [hostServerEntry, ...settings.args] : [...settings.args],
    env: childEnvironment(settings.environment, isOwn ? [...INHERITED, ...INHERITED_BY_HOST] : INHERITED),
    stderr: 'pipe',
    maxBufferSize: MOST_BUFFERED_BYTES,
  });
  transport.stderr?.on('data', (data: Buffer) => onStderr(data.toString('utf8')));
  return transport;
}

function childEnvironment(
  configured: Readonly<Record<string, string>>,
  inheritedNames: readonly string[],
  own: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const inherited = inheritedNames.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]));
  return { ...Object.fromEntries(inherited), ...configured };
}

/** A header whose value turned out empty is left out. */
export function headersFor({ bearerToken, customHeaders }: TransportSettings): Record<string, string> {
  const custom = Object.entries(customHeaders).filter(([, value]) => value !== '');
  return { ...Object.fromEntries(custom), ...(bearerToken ? { Authorization: `Bearer ${bearerToken}` } : {}) };
}

/** A dispatcher of our own is not Node's, which alone would look at the proxies of the environment. */
export function dispatcherFor({ verifySsl, timeoutMs }: TransportSettings): Dispatcher {
  const tls = { rejectUnauthorized: verifySsl };
  const limits = timeoutMs > 0 ? { headersTimeout: timeoutMs } : {};
  return process.env['NODE_USE_ENV_PROXY'] === '1'
    ? new EnvHttpProxyAgent({ connect: tls, requestTls: tls, ...limits })
    : new Agent({ connect: tls, ...limits });
}

/** Credentials go to the configured host alone, so a redirect to another one is not followed. */
function fetchFor(origin: URL, settings: TransportSettings, onBroken: () => void): typeof fetch {
  const dispatcher = dispatcherFor(settings);
  return (async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.host !== origin.host) throw new TypeError(`refused to send credentials to ${url.host}`);
    const response = await fetchWith(url, { ...init, redirect: 'error', dispatcher } as Parameters<
      typeof fetchWith
    >[1]);
    return init?.method === 'POST' && response.body ? watched(response, onBroken) : response;
  }) as unknown as typeof fetch;
}

/** The same response, whose body tells when it ends by an error. */
function watched(response: Response, onBroken: () => void): Response {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const piece = await reader.read().catch((error: unknown) => {
        if (!isCancelled) onBroken();
        throw error;
      });
      if (isCancelled) return;
      if (piece.done) controller.close();
      else controller.enqueue(piece.value);
    },
    cancel: async (reason) => {
      isCancelled = true;
      await reader.cancel(reason);
    },
  });
  return new Response(body, response);
}
