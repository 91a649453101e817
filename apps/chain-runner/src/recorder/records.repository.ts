import { Injectable } from '@nestjs/common';
import type { JournalEntry, ToolCallCompleted } from '@tarsy/contracts';
import { conversationEntriesOf, interactionsOf, timelineEventsOf } from '@tarsy/timeline';
import { DataSource, type EntityManager } from 'typeorm';
import { llmInteractionRow, mcpInteractionRow, messageRow, timelineRow } from './rows.js';
import { LLM_INTERACTIONS, MCP_INTERACTIONS, MESSAGES, TIMELINE_EVENTS } from './upserts.js';

/**
 * Stores what the session log says. Ids are derived from the log and every column merges in the same way whatever order rows come in, so
 * replicas may work on neighbouring batches at once, and storing a batch twice changes nothing.
 */
@Injectable()
export class RecordsRepository {
  constructor(private readonly dataSource: DataSource) {}

  async store(messages: readonly (JournalEntry | ToolCallCompleted)[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await upsert(manager, TIMELINE_EVENTS, messages.flatMap(timelineEventsOf).map(timelineRow));
      await upsert(manager, MESSAGES, messages.flatMap(conversationEntriesOf).map(messageRow));
      const interactions = messages.map(interactionsOf);
      await upsert(manager, LLM_INTERACTIONS, interactions.flatMap(({ llm }) => llm).map(llmInteractionRow));
      await upsert(manager, MCP_INTERACTIONS, interactions.flatMap(({ mcp }) => mcp).map(mcpInteractionRow));
      for (const message of messages)
        if ('type' in message && message.type === 'concluded') await closeOpenEvents(manager, message);
    });
  }
}

interface Row {
  readonly id: string;
}

/** One statement can change a row only once: rows that share an id go into different rounds, in order. */
async function upsert(manager: EntityManager, statement: string, rows: readonly Row[]): Promise<void> {
  const rounds: Map<string, Row>[] = [];
  for (const row of rows) {
    const round = rounds.find((candidate) => !candidate.has(row.id)) ?? rounds[rounds.push(new Map()) - 1]!;
    round.set(row.id, row);
  }
  for (const round of rounds) {
    // PostgreSQL's text has no NUL character.
    const json = JSON.stringify([...round.values()].sort((left, right) => left.id.localeCompare(right.id))).replaceAll(
      '\\u0000',
      '',
    );
    await manager.query(statement, [json]);
  }
}

/** A call that was under way when its execution ended will not be completed by anybody. */
async function closeOpenEvents(
  manager: EntityManager,
  end: Extract<JournalEntry, { type: 'concluded' }>,
): Promise<void> {
  await manager.query(
    `UPDATE timeline_events SET status = $2, updated_at = $3 WHERE execution_id = $1 AND status = 'streaming'`,
    [end.executionId, end.status === 'completed' ? 'cancelled' : end.status, end.at],
  );
}
