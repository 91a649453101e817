import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { certificateFacts } from '../certificate.js';
import { hostTool } from '../host-tool.js';
import { allowedTarget } from '../probe-guard.js';

const MOST_BODY_BYTES = 1024 ** 2;

export const httpProbe = hostTool({
  name: 'http_probe',
  description:
    'One HTTP request to an allowed address: status, timings, size, and the certificate for https. Redirects are reported, not followed.',
  input: {
    url: z.url({ protocol: /^https?$/ }),
    method: z.enum(['GET', 'HEAD']).default('GET'),
    timeout_ms: z.int().min(100).max(15_000).default(5_000),
  },
  run: async ({ url, method, timeout_ms }) => await probe(new URL(url), method, timeout_ms),
});

async function probe(url: URL, method: string, timeoutMs: number): Promise<unknown> {
  const isSecure = url.protocol === 'https:';
  const startedAt = performance.now();
  const target = await allowedTarget(url.hostname, Number(url.port || (isSecure ? 443 : 80)));
  const dnsMs = since(startedAt);
  let connectMs: number | null = null;
  let tlsMs: number | null = null;
  let certificate: unknown = null;
  const connected = performance.now();
  return await new Promise((resolve) => {
    const failed = (error: Error & { code?: string }): void =>
      resolve({
        url: url.href,
        reachable: false,
        error_code: error.code ?? null,
        error: error.message || error.code,
        address: target.address,
        timings_ms: { dns: dnsMs, total: since(startedAt) },
      });
    const outgoing = (isSecure ? requestSecure : requestPlain)(
      url,
      {
        method,
        agent: false,
        // The checked address, whatever the name resolves to by now.
        lookup: (_host, options, callback) =>
          options.all
            ? callback(null, [{ address: target.address, family: target.family }])
            : callback(null, target.address, target.family),
        rejectUnauthorized: false,
        headers: { 'user-agent': 'tarsy-host-probe' },
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        const firstByteMs = since(startedAt);
        void bodyBytes(response).then(
          ({ bytes, isCut }) =>
            resolve({
              url: url.href,
              reachable: true,
              status: response.statusCode,
              healthy: (response.statusCode ?? 500) < 400,
              address: target.address,
              redirect_to: response.headers.location ?? null,
              content_type: response.headers['content-type'] ?? null,
              body_bytes: bytes,
              body_cut: isCut,
              timings_ms: {
                dns: dnsMs,
                connect: connectMs,
                tls: tlsMs,
                first_byte: firstByteMs,
                total: since(startedAt),
              },
              certificate,
            }),
          failed,
        );
      },
    );
    outgoing.on('socket', (socket: Socket) => {
      socket.once('connect', () => (connectMs = since(connected)));
      socket.once('secureConnect', () => {
        tlsMs = since(connected) - (connectMs ?? 0);
        const secure = socket as TLSSocket;
        certificate = certificateFacts(secure.getPeerCertificate(), secure.authorized);
      });
    });
    outgoing.on('error', (error) =>
      failed(
        error.name === 'TimeoutError' || error.name === 'AbortError'
          ? new Error(`no answer within ${timeoutMs} ms`)
          : error,
      ),
    );
    outgoing.end();
  });
}

async function bodyBytes(response: IncomingMessage): Promise<{ bytes: number; isCut: boolean }> {
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BODY_BYTES) return { bytes, isCut: true };
  }
  return { bytes, isCut: false };
}

const since = (startedAt: number): number => Math.round((performance.now() - startedAt) * 10) / 10;
