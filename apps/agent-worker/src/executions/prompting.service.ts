import { Injectable } from '@nestjs/common';
import type { TaskScheduled } from '@tarsy/contracts';
import { Clock } from '@tarsy/core';
import { JournalStore } from '@tarsy/messaging';
import { composePrompt } from '../prompts/compose-prompt.js';
import { ToolCatalogue } from '../tools/tool-catalogue.service.js';
import { Runbooks } from '../runbooks/runbooks.service.js';
import { selectTools } from '../tools/tool-selection.js';
import { historyOf } from './execution-history.js';
import type { ExecutionRun } from './execution-run.js';

/** How long an execution waits for a server that nothing is known of yet, as after a fresh start of everything. */
const CATALOGUE_WAIT_MS = 10_000;

/** Writes the beginning of the conversation, with the tools as they are at this moment. */
@Injectable()
export class Prompting {
  constructor(
    private readonly catalogue: ToolCatalogue,
    private readonly journals: JournalStore,
    private readonly runbooks: Runbooks,
    private readonly clock: Clock,
  ) {}

  async begin(run: ExecutionRun): Promise<void> {
    const { task } = run;
    await this.catalogue.untilKnown(task.toolServers.map(({ id }) => id), CATALOGUE_WAIT_MS, run.signal); // prettier-ignore
    const toolServers = selectTools(task.toolServers, this.catalogue);
    const unavailableServers = toolServers.flatMap(({ server, errorMessage }) =>
      errorMessage === undefined ? [] : [{ server, errorMessage }],
    );
    const histories = await this.#historiesFor(task);
    const runbook = needsRunbook(task) ? await this.runbooks.runbookOf(task, run.signal) : undefined;
    const briefed = { ...task, ...(runbook === undefined ? {} : { runbook }) };
    const messages = composePrompt({ task: briefed, now: this.clock.now(), unavailableServers, histories });
    await run.append({
      type: 'prompted',
      model: task.model,
      messages,
      toolServers,
      ...(task.assignment === undefined ? {} : { assignment: task.assignment.task }),
      ...(task.requiredSkills === undefined ? {} : { skills: task.requiredSkills.map(({ name }) => name) }),
    });
  }

  /** Histories of the executions that the task is to merge, or is asked about, from their journals. */
  async #historiesFor({ sessionId, parallelResults, chat }: TaskScheduled): Promise<Map<string, string>> {
    const histories = new Map<string, string>();
    const merged = parallelResults?.executions ?? [];
    const askedAbout = chat?.stages.flatMap(({ executions }) => executions) ?? [];
    for (const { executionId } of [...merged, ...askedAbout.filter(({ history }) => history === undefined)]) {
      const journal = await this.journals.open(sessionId, executionId);
      journal.close();
      histories.set(executionId, historyOf(journal.entries, journal.toolResults));
    }
    return histories;
  }
}

/** A sub-agent knows its task alone, and a summary the analysis. */
function needsRunbook({ assignment, agent }: TaskScheduled): boolean {
  return assignment === undefined && agent.kind !== 'exec_summary';
}
