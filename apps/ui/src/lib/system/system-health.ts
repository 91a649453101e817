import type { McpServersView, QueuesView, ServicesView } from '@tarsy/contracts';

/** Without one of these no alert is investigated, or nobody sees it. */
const NEEDED_APPS = ['agent-worker', 'chain-runner', 'ingest', 'mcp-broker', 'stream-gateway'] as const;
/** Services report every five seconds; two missed reports are worth a word. */
const LATE_AFTER_MS = 12_000;

export type ServiceView = ServicesView['services'][number];

export const isLate = (service: ServiceView, nowMs: number): boolean =>
  nowMs - Date.parse(service.seen_at) > LATE_AFTER_MS;

/** Applications of which no replica reports. */
export function missingApps(services: readonly ServiceView[]): string[] {
  const reporting = new Set(services.map(({ app }) => app));
  return NEEDED_APPS.filter((app) => !reporting.has(app));
}

/** One figure of the system in a few words. */
export interface HealthFigure {
  /** Id of the section that tells more. */
  readonly section: 'services' | 'tool-servers' | 'queues' | 'dead-letters';
  readonly tone: 'good' | 'stopped' | 'bad';
  readonly count: number;
  /** What `count` is out of; undefined where it is no part of anything. */
  readonly total?: number;
}

/** Whether the services run; what is late or missing is bad. */
export function servicesFigure(services: readonly ServiceView[], nowMs: number): HealthFigure {
  const onTime = services.filter((service) => !isLate(service, nowMs)).length;
  const total = services.length + missingApps(services).length;
  return { section: 'services', tone: onTime === total ? 'good' : 'bad', count: onTime, total };
}

export function toolServersFigure(servers: McpServersView['servers']): HealthFigure {
  const healthy = servers.filter((server) => server.healthy).length;
  const tone = healthy === servers.length ? 'good' : healthy === 0 ? 'bad' : 'stopped';
  return { section: 'tool-servers', tone, count: healthy, total: servers.length };
}

/** Messages that no consumer has taken yet. */
export function waitingFigure(streams: QueuesView['streams']): HealthFigure {
  const count = streams.flatMap(({ consumers }) => consumers).reduce((sum, { pending }) => sum + pending, 0);
  return { section: 'queues', tone: count === 0 ? 'good' : 'stopped', count };
}

export function deadLettersFigure(streams: QueuesView['streams']): HealthFigure {
  const count = streams.find(({ name }) => name === 'DEADLETTERS')?.messages ?? 0;
  return { section: 'dead-letters', tone: count === 0 ? 'good' : 'bad', count };
}
