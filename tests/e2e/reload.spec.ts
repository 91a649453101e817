import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startScriptedSystem, type ScriptedSystem } from './scripted-system.js';

interface Answers {
  services: { services: { app: string; details: Record<string, unknown> }[] };
  warnings: { warnings: { category: string; message: string; details: string }[] };
  alertTypes: { alert_types: { type: string }[] };
}

/** Those whose work follows the configuration's files. */
const FOLLOWING = ['chain-runner', 'ingest', 'mcp-broker', 'stream-gateway'];

let scripted: ScriptedSystem;
let original: string;

beforeAll(async () => {
  scripted = await startScriptedSystem('reload');
  original = readFileSync(file(), 'utf8');
});
afterAll(() => scripted?.stop());

const file = (): string => join(scripted.system.folder, 'config', 'tarsy.yaml');

/** At once, as a mounted ConfigMap changes. */
function write(text: string): void {
  writeFileSync(`${file()}.new`, text);
  renameSync(`${file()}.new`, file());
}

async function untilFollowed(fits: (details: Record<string, unknown>) => boolean): Promise<void> {
  await scripted.system.eventually(
    () => scripted.system.get<Answers['services']>('/system/services'),
    ({ services }) => services.filter(({ app, details }) => FOLLOWING.includes(app) && fits(details)).length === FOLLOWING.length, // prettier-ignore
  );
}

async function digest(): Promise<unknown> {
  const { services } = await scripted.system.get<Answers['services']>('/system/services');
  return services.find(({ app }) => app === 'chain-runner')?.details['configuration'];
}

async function submit(marker: string, type: string): Promise<string> {
  const { status, body } = await scripted.system.submit({ data: `alert ${marker}`, alert_type: type });
  expect(status).toBe(202);
  return String(body['session_id']);
}

describe('a configuration that changes', () => {
  it('holds for new sessions, tool servers included, while running ones keep theirs', async () => {
    const released = Promise.withResolvers<void>();
    const running = scripted.script((mark) => [
      { text: `Gathered. ${mark}`, beforeAnswer: released.promise },
      { text: `Concluded. ${mark}` },
      { text: 'Done.' },
    ]);
    const runningId = await submit(running, 'two-stages');
    await scripted.system.eventually(
      () => Promise.resolve(scripted.model.requestsOf(running)),
      (requests) => requests.length === 1,
    );

    const before = await digest();
    const everything = /everything:\n {4}transport: (.*)\n/.exec(original)![1]!;
    write(
      original
        .replace(/^ {2}two:\n(.*\n){2}/m, '  two: { alert_types: [two-stages], stages: [{ name: only, agents: [{ name: Concluder }] }] }\n') // prettier-ignore
        .replace('mcp_servers:\n', `mcp_servers:\n  second: { transport: ${everything} }\n`)
        .replace('agents:\n', 'agents:\n  Newcomer: { mcp_servers: [second] }\n')
        .replace('agent_chains:\n', 'agent_chains:\n  new: { alert_types: [new], stages: [{ name: look, agents: [{ name: Newcomer }] }] }\n'), // prettier-ignore
    );
    await untilFollowed(({ configuration }) => configuration !== before);
    const { alert_types: types } = await scripted.system.get<Answers['alertTypes']>('/alert-types');
    expect(types.map(({ type }) => type)).toContain('new');

    const fresh = scripted.script((mark) => [
      { toolCalls: [{ name: 'second__echo', arguments: { message: mark } }] },
      { text: `Used the new server. ${mark}` },
      { text: 'Done.' },
    ]);
    expect(await scripted.system.finished(await submit(fresh, 'new'))).toMatchObject({
      status: 'completed',
      final_analysis: `Used the new server. ${fresh}`,
    });
    expect(scripted.model.requestsOf(fresh)[1]?.body.messages.at(-1)?.content).toContain('Echo');

    released.resolve();
    const session = await scripted.system.finished(runningId);
    expect(session).toMatchObject({ status: 'completed', final_analysis: `Concluded. ${running}` });
    expect(session.stages.map(({ stage_name }) => stage_name)).toEqual(['gather', 'conclude', 'Executive Summary']);
  });

  it('stays as it was while the files have errors, and everybody is told', async () => {
    write(`${original}\nqueue: { max_concurrent_sessions: 20 }\n`);
    await untilFollowed(({ configurationRejected }) => String(configurationRejected).includes('invalid YAML syntax'));
    const { warnings } = await scripted.system.get<Answers['warnings']>('/system/warnings');
    const [warning] = warnings.filter(({ category }) => category === 'configuration');
    expect(warning?.message).toContain('go on with the last good one');
    expect(warning?.details).toMatch(/^tarsy\.yaml:\d+:\d+: invalid YAML syntax: Map keys must be unique$/);

    const marker = scripted.script((mark) => [{ text: `Still working. ${mark}` }, { text: 'Done.' }]);
    expect(await scripted.system.finished(await submit(marker, 'test'))).toMatchObject({ status: 'completed' });

    write(original);
    await untilFollowed(({ configurationRejected }) => configurationRejected === undefined);
    const { warnings: after } = await scripted.system.get<Answers['warnings']>('/system/warnings');
    expect(after.filter(({ category }) => category === 'configuration')).toEqual([]);
  });
});
