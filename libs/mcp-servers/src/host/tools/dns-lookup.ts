import { Resolver } from 'node:dns/promises';
import { z } from 'zod';
import { hostTool } from '../host-tool.js';

const TIMEOUT_MS = 3_000;

export const dnsLookup = hostTool({
  name: 'dns_lookup',
  description: 'Answers of the name servers of this machine for a name.',
  input: {
    name: z.string().min(1).max(253),
    type: z.enum(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT']).default('A'),
  },
  run: async ({ name, type }) => {
    const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
    const startedAt = performance.now();
    try {
      const answers = await resolver.resolve(name, type);
      return { name, type, answers, duration_ms: Math.round(performance.now() - startedAt) };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return { name, type, answers: [], error_code: code, duration_ms: Math.round(performance.now() - startedAt) };
    }
  },
});
