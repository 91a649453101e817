import { z } from 'zod';

export const processStatusSchema = z.object({
  kind: z.enum(['service', 'server', 'edge']),
  name: z.string(),
  app: z.string(),
  /** From 1; 1 for servers. */
  replica: z.int(),
  pid: z.int(),
  port: z.int(),
  health: z.enum(['starting', 'healthy', 'degraded', 'unhealthy', 'stopped']),
  restarts: z.int(),
  version: z.string().optional(),
});
export type ProcessStatus = z.infer<typeof processStatusSchema>;

export const systemStatusSchema = z.object({
  /** False while the system starts or stops. */
  ready: z.boolean(),
  url: z.string(),
  dataDirectory: z.string(),
  configDirectory: z.string(),
  /** Process that supervises the others. */
  pid: z.int(),
  startedAt: z.string(),
  model: z.string(),
  processes: z.array(processStatusSchema),
});
export type SystemStatus = z.infer<typeof systemStatusSchema>;
