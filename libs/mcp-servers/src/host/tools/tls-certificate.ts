import { connect } from 'node:tls';
import { isIP } from 'node:net';
import { z } from 'zod';
import { certificateFacts } from '../certificate.js';
import { hostTool } from '../host-tool.js';
import { allowedTarget } from '../probe-guard.js';

const TIMEOUT_MS = 5_000;

export const tlsCertificate = hostTool({
  name: 'tls_certificate',
  description:
    'Certificate of a TLS server on an allowed address: names, issuer, when it expires, whether it is trusted here.',
  input: { host: z.string().min(1).max(253), port: z.int().min(1).max(65_535).default(443) },
  run: async ({ host, port }) => {
    const target = await allowedTarget(host, port);
    return await new Promise((resolve, reject) => {
      const socket = connect({
        host: target.address,
        port,
        rejectUnauthorized: false,
        timeout: TIMEOUT_MS,
        ...(isIP(target.host) ? {} : { servername: target.host }),
      });
      socket.once('secureConnect', () => {
        resolve({
          host,
          port,
          address: target.address,
          ...certificateFacts(socket.getPeerCertificate(), socket.authorized),
        });
        socket.destroy();
      });
      socket.once('timeout', () => socket.destroy(new Error(`no answer of ${host}:${port} within ${TIMEOUT_MS} ms`)));
      socket.once('error', reject);
    });
  },
});
