import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const root = join(repository, 'k8s');
const APPS = ['ingest', 'chain-runner', 'agent-worker', 'mcp-broker', 'notifier', 'stream-gateway'] as const;
type App = (typeof APPS)[number];

/** The parts of the manifests that these tests look at. */
interface Manifest {
  kind: string;
  metadata?: { name: string };
  spec?: unknown;
}

interface Kustomization extends Manifest {
  resources?: string[];
  components?: string[];
  patches?: { path?: string; patch?: string }[];
  replicas?: { name: string; count: number }[];
  images?: { name: string; newTag?: string }[];
  configMapGenerator?: { name: string; literals?: string[]; files?: string[] }[];
}

interface Probe {
  httpGet: { path: string; port: string | number };
}

interface Container {
  image: string;
  args: string[];
  ports: { name: string; containerPort: number }[];
  env: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  startupProbe: Probe;
  readinessProbe: Probe;
  livenessProbe: Probe;
  lifecycle?: { preStop: { exec: { command: string[] } } };
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  securityContext: Record<string, unknown>;
}

interface DeploymentSpec {
  selector: { matchLabels: Record<string, string> };
  template: {
    metadata: { labels: Record<string, string> };
    spec: {
      automountServiceAccountToken: boolean;
      terminationGracePeriodSeconds: number;
      topologySpreadConstraints: unknown[];
      securityContext: Record<string, unknown>;
      containers: Container[];
    };
  };
}

interface NetworkPolicySpec {
  podSelector: { matchLabels?: Record<string, string> };
  policyTypes: string[];
  ingress?: unknown[];
  egress?: { to?: unknown[]; ports?: { port: number | string }[] }[];
}

interface IngressSpec {
  rules: {
    http: { paths: { path: string; pathType: string; backend: { service: { name: string; port: unknown } } }[] };
  }[];
}

const yamlFiles = readdirSync(root, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)));

function documentsOf(file: string): unknown[] {
  const documents = parseAllDocuments(readFileSync(join(root, file), 'utf8'));
  if (!Array.isArray(documents)) throw new Error(`${file} is empty`);
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]);
  if (errors.length > 0) throw new Error(`${file}: ${errors.map((error) => error.message).join('; ')}`);
  return documents.map((document) => document.toJS() as unknown);
}

const kustomizationFiles = yamlFiles.filter((file) => file.endsWith('kustomization.yaml'));

function kustomizationIn(folder: string): Kustomization {
  return documentsOf(join(folder, 'kustomization.yaml'))[0] as Kustomization;
}

function baseManifests(app: App): Manifest[] {
  const { resources = [] } = kustomizationIn(`base/${app}`);
  return resources.flatMap((file) => documentsOf(`base/${app}/${file}`) as Manifest[]);
}

function specOf<Spec>(app: App, kind: string): Spec {
  const manifest = baseManifests(app).find((one) => one.kind === kind && one.metadata?.name === app);
  if (!manifest) throw new Error(`${app} has no ${kind}`);
  return manifest.spec as Spec;
}

const deploymentOf = (app: App): DeploymentSpec => specOf<DeploymentSpec>(app, 'Deployment');

function containerOf(app: App): Container {
  const { containers } = deploymentOf(app).template.spec;
  expect(containers).toHaveLength(1);
  return containers[0]!;
}

const appsWith = (holds: (container: Container) => boolean): App[] => APPS.filter((app) => holds(containerOf(app)));
const readsVariable = (name: string) => (container: Container) => container.env.some((one) => one.name === name);
const readsSecret = (name: string) => (container: Container) =>
  container.envFrom.some((one) => one.secretRef?.name === name) ||
  container.env.some((one) => one.valueFrom?.secretKeyRef?.name === name);

function environmentLiterals(): Map<string, string> {
  const generator = kustomizationIn('base').configMapGenerator?.find(({ name }) => name === 'tarsy-environment');
  return new Map(generator?.literals?.map((literal) => literal.split('=', 2) as [string, string]));
}

describe('Kubernetes manifests', () => {
  it.each(yamlFiles)('%s is valid YAML', (file) => {
    expect(documentsOf(file).length).toBeGreaterThan(0);
  });

  it.each(kustomizationFiles)('%s names only what exists', (file) => {
    const folder = dirname(file);
    const { resources = [], components = [], patches = [] } = kustomizationIn(folder);
    const files = [...resources, ...components, ...patches.flatMap(({ path }) => (path ? [path] : []))];
    for (const name of files) {
      const target = join(root, folder, name);
      expect(existsSync(target), `${file}: ${name}`).toBe(true);
      if (statSync(target).isDirectory()) expect(existsSync(join(target, 'kustomization.yaml')), name).toBe(true);
    }
  });

  it('leaves no manifest out of its kustomization', () => {
    const forgotten = yamlFiles.filter((file) => {
      if (file.endsWith('kustomization.yaml')) return false;
      const { resources = [], patches = [] } = kustomizationIn(dirname(file));
      const name = file.slice(dirname(file).length + 1);
      return ![...resources, ...patches.map(({ path }) => path)].includes(name);
    });
    expect(forgotten).toEqual([]);
  });

  it('holds no Secret', () => {
    const kinds = yamlFiles.flatMap((file) => documentsOf(file).map((document) => (document as Manifest).kind));
    expect(kinds).not.toContain('Secret');
  });

  it('denies all traffic that no other policy allows', () => {
    const policies = documentsOf('base/default-network-policy.yaml') as Manifest[];
    const deny = policies.find(({ metadata }) => metadata?.name === 'default-deny');
    expect(deny?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(kustomizationIn('base').resources).toContain('default-network-policy.yaml');
  });
});

describe.each(APPS)('%s', (app) => {
  it('is part of the base', () => {
    expect(kustomizationIn('base').resources).toContain(app);
  });

  it('has a Deployment, a NetworkPolicy and a PodDisruptionBudget that select the same pods', () => {
    const labels = { 'app.kubernetes.io/name': app };
    expect(deploymentOf(app).selector.matchLabels).toEqual(labels);
    expect(deploymentOf(app).template.metadata.labels).toMatchObject(labels);
    expect(specOf<NetworkPolicySpec>(app, 'NetworkPolicy').podSelector.matchLabels).toEqual(labels);
    expect(specOf(app, 'PodDisruptionBudget')).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
  });

  it('starts its own program', () => {
    expect(containerOf(app).args).toEqual(['node', `apps/${app}/dist/main.js`]);
    expect(existsSync(join(repository, 'apps', app))).toBe(true);
  });

  it('is probed at /health on the port that the service listens on', () => {
    const { ports, startupProbe, readinessProbe, livenessProbe } = containerOf(app);
    const http = ports.find(({ name }) => name === 'http');
    expect(String(http?.containerPort)).toBe(environmentLiterals().get('HTTP_PORT'));
    expect(environmentLiterals().get('HTTP_HOST')).toBe('0.0.0.0');
    for (const probe of [startupProbe, readinessProbe, livenessProbe])
      expect(probe.httpGet).toEqual({ path: '/health', port: 'http' });
  });

  it('is given more time to stop than it takes', () => {
    const graceMs = Number(environmentLiterals().get('SHUTDOWN_GRACE_MS'));
    const waitSeconds = Number(containerOf(app).lifecycle?.preStop.exec.command[1] ?? 0);
    const allowedMs = deploymentOf(app).template.spec.terminationGracePeriodSeconds * 1_000;
    expect(graceMs).toBeGreaterThan(0);
    expect(allowedMs).toBeGreaterThan(graceMs + waitSeconds * 1_000 + 5_000);
  });

  it('runs without privileges on a read-only root file system', () => {
    const { securityContext, automountServiceAccountToken } = deploymentOf(app).template.spec;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(securityContext.runAsUser).toBeGreaterThan(0);
    expect(containerOf(app).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(automountServiceAccountToken).toBe(false);
  });

  it('asks for memory and CPU and is limited in memory', () => {
    const { requests, limits } = containerOf(app).resources;
    expect(Object.keys(requests).sort()).toEqual(['cpu', 'memory']);
    expect(limits.memory).toBeDefined();
    expect(deploymentOf(app).template.spec.topologySpreadConstraints).toHaveLength(2);
  });

  it('carries no image tag of its own', () => {
    expect(containerOf(app).image).toBe('tarsy');
  });

  it('may reach NATS and, unless its work is out there, nothing outside the named namespaces', () => {
    const { policyTypes, egress = [] } = specOf<NetworkPolicySpec>(app, 'NetworkPolicy');
    expect(policyTypes).toEqual(['Ingress', 'Egress']);
    expect(egress.flatMap(({ ports = [] }) => ports.map(({ port }) => port))).toContain(4222);
    expect(egress.every(({ to = [] }) => to.length > 0)).toBe(true);
    const reachesInternet = JSON.stringify(egress).includes('0.0.0.0/0');
    expect(reachesInternet).toBe(['agent-worker', 'mcp-broker', 'notifier'].includes(app));
    if (reachesInternet) expect(JSON.stringify(egress)).toContain('169.254.0.0/16');
  });
});

describe('secrets reach only the service that needs them', () => {
  it.each<[string, App[]]>([
    ['NATS_URL', [...APPS]],
    ['REDIS_URL', ['ingest', 'agent-worker', 'mcp-broker']],
    ['DATABASE_URL', ['chain-runner']],
    ['DATABASE_READER_URL', ['stream-gateway']],
  ])('%s', (variable, apps) => {
    expect(appsWith(readsVariable(variable))).toEqual(apps);
  });

  it.each<[string, App[]]>([
    ...APPS.map((app): [string, App[]] => [`tarsy-nats-${app}`, [app]]),
    ['tarsy-redis', ['ingest', 'agent-worker', 'mcp-broker']],
    ['tarsy-database', ['chain-runner']],
    ['tarsy-database-reader', ['stream-gateway']],
    ['tarsy-model-providers', ['agent-worker']],
    ['tarsy-tool-servers', ['mcp-broker']],
    ['tarsy-slack', ['notifier']],
    ['tarsy-github', ['agent-worker', 'mcp-broker']],
  ])('Secret %s', (secret, apps) => {
    expect(appsWith(readsSecret(secret))).toEqual(apps);
  });

  it('are all of the Secrets in use', () => {
    const text = yamlFiles.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
    const names = [...text.matchAll(/secret(?:Key)?Ref:\s+name: (\S+)/g)].map(([, name]) => name!);
    expect([...new Set(names)].sort()).toEqual([
      'tarsy-database',
      'tarsy-database-reader',
      'tarsy-github',
      'tarsy-model-providers',
      ...[...APPS].sort().map((app) => `tarsy-nats-${app}`),
      'tarsy-redis',
      'tarsy-slack',
      'tarsy-tool-servers',
    ]);
  });

  it.each([
    [5432, 'DATABASE'],
    [6379, 'REDIS'],
  ])('and port %i is open to the services that have an address for it', (port, prefix) => {
    const open = APPS.filter((app) =>
      specOf<NetworkPolicySpec>(app, 'NetworkPolicy').egress?.some(({ ports = [] }) =>
        ports.some((one) => one.port === port),
      ),
    );
    expect(open).toEqual(appsWith(({ env }) => env.some(({ name }) => name.startsWith(prefix))));
  });

  it('and what looks for prices on the internet is told not to, because it can not get there', () => {
    const setting = containerOf('chain-runner').env.find(({ name }) => name === 'MODEL_PRICES_URL');
    expect(setting?.value).toBe('off');
  });
});

describe('HTTP from outside', () => {
  const routes = (app: App): [string, string, string][] =>
    specOf<IngressSpec>(app, 'Ingress').rules.flatMap(({ http }) =>
      http.paths.map(({ path, pathType, backend }): [string, string, string] => [path, pathType, backend.service.name]),
    );

  it('goes to ingest for alerts and webhooks', () => {
    expect(routes('ingest')).toEqual([
      ['/api/v1/alerts', 'Exact', 'ingest'],
      ['/api/v1/webhooks', 'Prefix', 'ingest'],
    ]);
  });

  it('goes to stream-gateway for all else, with time for live streams', () => {
    expect(routes('stream-gateway')).toEqual([['/', 'Prefix', 'stream-gateway']]);
    const ingress = baseManifests('stream-gateway').find(({ kind }) => kind === 'Ingress');
    const { annotations } = ingress?.metadata as { annotations?: Record<string, string> };
    expect(Number(annotations?.['nginx.ingress.kubernetes.io/proxy-read-timeout'])).toBeGreaterThanOrEqual(3_600);
  });

  it('reaches no service without a Service', () => {
    const served = APPS.filter((app) => baseManifests(app).some(({ kind }) => kind === 'Service'));
    expect(served).toEqual(['ingest', 'stream-gateway']);
    for (const app of APPS.filter((one) => !served.includes(one)))
      expect(specOf<NetworkPolicySpec>(app, 'NetworkPolicy').ingress).toEqual([]);
  });
});

describe('overlays', () => {
  const countsIn = (overlay: string): Record<string, number> =>
    Object.fromEntries(kustomizationIn(overlay).replicas?.map(({ name, count }) => [name, count]) ?? []);

  it.each([
    ['overlays/development', 1],
    ['overlays/production', 3],
  ])('%s runs %i of each service', (overlay, count) => {
    expect(countsIn(overlay)).toEqual(Object.fromEntries(APPS.map((app) => [app, count])));
  });

  it('in production keep replicas of one service on different nodes', () => {
    const patched = kustomizationIn('overlays/production').patches?.map(({ path }) => path);
    expect(patched).toEqual(APPS.map((app) => `${app}.yaml`));
    for (const app of APPS) {
      const patch = documentsOf(`overlays/production/${app}.yaml`)[0] as Manifest;
      expect(patch).toMatchObject({ kind: 'Deployment', metadata: { name: app } });
      expect(JSON.stringify(patch.spec)).toContain('podAntiAffinity');
      expect(JSON.stringify(patch.spec)).toContain(`"app.kubernetes.io/name":"${app}"`);
    }
  });

  it('keep three copies of each stream in production, one elsewhere', () => {
    expect(environmentLiterals().get('NATS_STREAM_REPLICAS')).toBe('1');
    const generator = kustomizationIn('overlays/production').configMapGenerator?.[0];
    expect(generator).toMatchObject({ name: 'tarsy-environment', literals: ['NATS_STREAM_REPLICAS=3'] });
  });

  it('never run the image tag latest', () => {
    const version = (JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string }).version;
    expect(kustomizationIn('base').images).toEqual([{ name: 'tarsy', newTag: version }]);
    const tags = kustomizationFiles.flatMap((file) => kustomizationIn(dirname(file)).images ?? []);
    for (const { newTag } of tags) expect(newTag).toMatch(/^(?!latest$).+/);
  });
});

describe('components', () => {
  it('scale the workers on the backlog of their consumer, below what one pod can hold', () => {
    const scaled = documentsOf('components/keda/scaled-object.yaml')[0] as Manifest;
    expect(scaled.spec).toMatchObject({
      scaleTargetRef: { name: 'agent-worker' },
      minReplicaCount: 0,
      triggers: [{ type: 'nats-jetstream', metadata: { stream: 'TASKS', consumer: 'agent-worker-default' } }],
    });
    const { triggers } = scaled.spec as { triggers: { metadata: { lagThreshold: string } }[] };
    const slots = containerOf('agent-worker').env.find(({ name }) => name === 'WORKER_SLOTS')?.value;
    expect(Number(triggers[0]?.metadata.lagThreshold)).toBeLessThan(Number(slots));
  });

  it('scrape /metrics of every pod on the probed port', () => {
    const monitor = documentsOf('components/monitoring/pod-monitor.yaml')[0] as Manifest;
    expect(monitor.spec).toMatchObject({
      selector: { matchLabels: { 'app.kubernetes.io/part-of': 'tarsy' } },
      podMetricsEndpoints: [{ port: 'http', path: '/metrics' }],
    });
  });
});
