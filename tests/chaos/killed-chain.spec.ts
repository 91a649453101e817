import type { ChatRequestBody, ModelTurn } from '@tarsy/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOUR_STAGE_REQUESTS, fourStageAnswer, stageRequestOf } from '../e2e/four-stage-chain.js';
import type { AppName } from '../e2e/system.js';
import { audit } from './audit.js';
import { calling, ChaosSystem } from './chaos-system.js';
import { finalStateOf, WAITING, type FinalState } from './final-state.js';
import { carryOut, persistently, randomKills, textOfKills, type Kill } from './kills.js';
import { randomOf, type Random } from './random.js';

/** `./tarsy test --chaos --seeds N` sets these. At most 20, a quarter of an hour: `--seeds 200` is about the random kills. */
const SEEDS = Math.min(20, Number(process.env['TARSY_CHAOS_SEEDS'] ?? '1'));
const FIRST_SEED = Number(process.env['TARSY_CHAOS_FIRST_SEED'] ?? '1');
const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index);

let chaos: ChaosSystem;
beforeAll(async () => {
  chaos = await ChaosSystem.start('chain', { replicas: { 'chain-runner': 2, 'agent-worker': 2, notifier: 1 } });
});
afterAll(async () => {
  await chaos.stop();
});

/** Answers one request of a session; its end waits for `mayEnd`. */
type Answers = (marker: string, random: Random, mayEnd: Promise<void>) => (body: ChatRequestBody) => ModelTurn;

/** Keys of its calls are used once, so that a run of a tool belongs to one request. */
const callOf = (marker: string, random: Random): ((about: string) => ModelTurn) => {
  let calls = 0;
  return (about) => {
    const tool = random.whole(1, 2) === 1 ? 'change' : 'look';
    return calling({ tool, key: `${marker}-${about}-${++calls}` });
  };
};

interface Shape {
  readonly alertType: string;
  readonly answers: Answers;
  /** Model requests that the session makes at least. */
  readonly requests: number;
  readonly killed: readonly AppName[];
}

/** Runs one session; with a seed, while processes are killed. @returns what is left of it for everybody to read */
async function run({ alertType, answers, requests, killed }: Shape, seed?: number): Promise<FinalState> {
  const random = randomOf(seed ?? 0);
  const mayEnd = Promise.withResolvers<void>();
  const victims = chaos.system.replicas.filter(({ app }) => seed !== undefined && killed.includes(app));
  const kills: Kill[] = randomKills(victims, requests, random);
  const pace = { pieces: random.whole(2, 6), chunkDelayMs: random.whole(0, 60) };
  const marker = chaos.scriptAny((mark) => {
    const answer = answers(mark, random, mayEnd.promise);
    return (body) => ({ ...pace, ...answer(body) });
  });
  if (seed !== undefined) process.stderr.write(`seed ${seed}, ${alertType}: ${textOfKills(kills)}\n`);
  const submitted = persistently(() => chaos.submit(marker, alertType));
  await carryOut(chaos, kills, marker);
  mayEnd.resolve();
  const sessionId = await submitted;
  await persistently(() => chaos.system.finished(sessionId));
  await chaos.idle();
  const workersKilled = kills.filter(({ replica }) => replica.app === 'agent-worker').length;
  expect(await audit(chaos, sessionId, marker, workersKilled)).toEqual([]);
  await expectToldOnce(sessionId);
  expect(await openRows()).toEqual([]);
  return await finalStateOf(chaos, sessionId, marker);
}

/** The end of a session is posted once; its start at most once, as nobody wants to hear of it after the end. */
async function expectToldOnce(sessionId: string): Promise<void> {
  const posts = (kind: string): number =>
    chaos.postsOf(sessionId).filter(({ metadata }) => String(metadata?.event_payload['notification_id']).endsWith(kind))
      .length; // prettier-ignore
  await chaos.system.eventually(
    () => Promise.resolve(posts('end')),
    (count) => count > 0,
  );
  expect(posts('end')).toBe(1);
  expect(posts('start')).toBeLessThanOrEqual(1);
}

/** Sessions, stages and executions of the database that have not ended. */
async function openRows(): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: chaos.system.databaseUrl });
  await client.connect();
  try {
    const ended = `('completed', 'failed', 'cancelled', 'timed_out')`;
    const { rows } = await client.query(
      ['alert_sessions', 'stages', 'agent_executions']
        .map((table) => `SELECT '${table}' AS table, id::text, status::text FROM ${table} WHERE status NOT IN ${ended}`)
        .join(' UNION ALL '),
    );
    return rows as unknown[];
  } finally {
    await client.end();
  }
}

const everyApp: readonly AppName[] = ['ingest', 'chain-runner', 'agent-worker', 'mcp-broker', 'notifier', 'stream-gateway']; // prettier-ignore

const fourStages: Shape = {
  alertType: 'four',
  requests: FOUR_STAGE_REQUESTS,
  killed: everyApp,
  answers: (marker, random, mayEnd) => {
    const call = callOf(marker, random);
    return (body) => {
      const request = stageRequestOf(body);
      const answer = fourStageAnswer(request, marker, call);
      return request.stage === 'Executive Summary' ? { ...answer, beforeAnswer: mayEnd } : answer;
    };
  },
};

/** A lead that waits for both of its sub-agents: it is asked once more for each time that results have come, at least twice. */
const orchestrated: Shape = {
  alertType: 'orchestrated',
  requests: 7,
  killed: ['chain-runner', 'agent-worker'],
  answers: (marker, random, mayEnd) => {
    const call = callOf(marker, random);
    const dispatch = ['disk', 'network'].map((what) => ({
      name: 'dispatch_agent',
      arguments: { name: 'Reader', task: `read of the ${what}: ${marker}` },
    }));
    return ({ messages, tools }) => {
      const said = messages.map(({ content }) => content ?? '');
      const task = /read of the (\w+)/.exec(said.join('\n'))?.[1];
      const isSubAgent = said.some((text) => text.includes('You are a sub-agent.'));
      const answers = messages.filter(({ role }) => role === 'assistant').length;
      const results = messages.filter(({ role, content }) => role === 'user' && content?.startsWith('[Sub-agent ')).length; // prettier-ignore
      if (tools === undefined) return { text: `In short. ${marker}`, beforeAnswer: mayEnd };
      if (isSubAgent) return answers === 0 ? call(`${task}`) : { text: `The ${task} is clean. ${marker}` };
      if (answers === 0) return { toolCalls: dispatch };
      return { text: results < 2 ? WAITING : `All is clean. ${marker}` };
    };
  },
};

describe('a chain of four stages', () => {
  let undisturbed: FinalState;
  beforeAll(async () => {
    undisturbed = await run(fourStages);
  });

  it('comes to its end', () => {
    expect(undisturbed).toMatchObject({ status: 'completed', analysis: 'Result of repeat - Synthesis. MARKER' });
    expect(undisturbed.stages.map(({ name, executions }) => [name, executions.length])).toEqual([
      ['gather', 1],
      ['examine', 1],
      ['debate', 2],
      ['debate - Synthesis', 1],
      ['repeat', 2],
      ['repeat - Synthesis', 1],
      ['Executive Summary', 1],
    ]);
  });

  it.for(seeds)('seed %i: comes to the same end when every process is killed once on the way', async (seed) => {
    expect(await run(fourStages, seed)).toEqual(undisturbed);
  });
});

describe('an orchestrator with two sub-agents', () => {
  let undisturbed: FinalState;
  beforeAll(async () => {
    undisturbed = await run(orchestrated);
  });

  it('comes to its end', () => {
    expect(undisturbed).toMatchObject({ status: 'completed', analysis: 'All is clean. MARKER' });
    expect(undisturbed.stages[0]!.executions[0]!.children.map(({ status }) => status)).toEqual(['completed', 'completed']); // prettier-ignore
  });

  it.for(seeds)('seed %i: comes to the same end when workers and chain-runners are killed on the way', async (seed) => {
    expect(await run(orchestrated, seed)).toEqual(undisturbed);
  });
});
