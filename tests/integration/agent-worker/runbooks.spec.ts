import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskScheduled } from '@tarsy/contracts';
import { useWorkers } from './fixture.js';

const fixture = useWorkers();
let server: Server;
let requests = 0;

beforeAll(async () => {
  server = createServer((_request, response) => {
    requests++;
    response.end('Look for deleted files that are open.');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const sourceOf = (allowedDomains: string[]): NonNullable<TaskScheduled['runbookSource']> => ({
  url: `http://localhost:${(server.address() as AddressInfo).port}/disk.md`,
  allowedDomains,
  allowPrivateAddresses: true,
  cacheTtlMs: 60_000,
  tokenEnv: 'GITHUB_TOKEN',
});

async function promptWith(changes: Partial<TaskScheduled>): Promise<string> {
  const task = fixture.task([{ text: 'Done.' }], changes);
  await fixture.schedule(task);
  expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed' });
  return fixture.model.requestsOf(task.executionId)[0]!.body.messages[1]!.content!;
}

describe('the runbook of an alert', () => {
  it('is in the prompt, and kept for the next one', async () => {
    await fixture.startWorker('w1');
    const changes = { runbook: 'Ask somebody.', runbookSource: sourceOf(['localhost']) };
    for (let times = 0; times < 2; times++) {
      const prompt = await promptWith(changes);
      expect(prompt).toContain('<!-- RUNBOOK_START -->\nLook for deleted files that are open.\n<!-- RUNBOOK_END -->');
      expect(prompt).not.toContain('Ask somebody.');
    }
    expect(requests).toBe(1);
  });

  it('gives way to the default one when it can not be fetched', async () => {
    await fixture.startWorker('w1');
    const runbookSource = sourceOf(['github.com']);
    expect(await promptWith({ runbook: 'Ask somebody.', runbookSource })).toContain('RUNBOOK_START -->\nAsk somebody.');
    expect(await promptWith({ runbookSource })).toContain('No runbook is available.');
  });
});
