import { Injectable } from '@nestjs/common';
import type { JournalEntry, JournalEntryOf, ToolCallCompleted } from '@tarsy/contracts';
import { conversationEntriesOf, interactionsOf, timelineEventsOf, type LlmInteraction } from '@tarsy/timeline';
import { storable } from '@tarsy/persistence';
import { DataSource, QueryFailedError, type EntityManager } from 'typeorm';
import { UnrecordableError } from './recorder.errors.js';
import { ModelPrices } from './model-prices.js';
import { llmInteractionRow, mcpInteractionRow, messageRow, modelSwitchRow, timelineRow } from './rows.js';
import { LLM_INTERACTIONS, MCP_INTERACTIONS, MESSAGES, MODEL_SWITCHES, TIMELINE_EVENTS } from './upserts.js';

/**
 * Stores what the session log says. Ids are derived from the log and every column merges in the same way whatever order rows come in, so
 * replicas may work on neighbouring batches at once, and storing a batch twice changes nothing.
 */
@Injectable()
export class RecordsRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly prices: ModelPrices,
  ) {}

  /** @throws {UnrecordableError} PostgreSQL refuses a value for what it is, so trying again would not help */
  async store(messages: readonly (JournalEntry | ToolCallCompleted)[]): Promise<void> {
    try {
      await this.#upsertAll(messages);
    } catch (error) {
      if (isDataError(error)) throw new UnrecordableError(error.message, { cause: error });
      throw error;
    }
  }

  async #upsertAll(messages: readonly (JournalEntry | ToolCallCompleted)[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await upsert(manager, TIMELINE_EVENTS, messages.flatMap(timelineEventsOf).map(timelineRow));
      await upsert(manager, MESSAGES, messages.flatMap(conversationEntriesOf).map(messageRow));
      const interactions = messages.map(interactionsOf);
      await upsert(manager, LLM_INTERACTIONS, interactions.flatMap(({ llm }) => llm).map(this.#priced));
      await upsert(manager, MCP_INTERACTIONS, interactions.flatMap(({ mcp }) => mcp).map(mcpInteractionRow));
      await upsert(manager, MODEL_SWITCHES, messages.filter(isModelSwitch).map(modelSwitchRow));
    });
  }

  /** Priced once, when it is recorded: later prices do not change what was. */
  readonly #priced = (interaction: LlmInteraction): ReturnType<typeof llmInteractionRow> => {
    const { modelName, usage, createdAt } = interaction;
    return llmInteractionRow(interaction, this.prices.list.costOf(modelName, usage, Date.parse(createdAt)));
  };
}

function isModelSwitch(message: JournalEntry | ToolCallCompleted): message is JournalEntryOf<'model-switched'> {
  return 'type' in message && message.type === 'model-switched';
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
    const sorted = [...round.values()].sort((left, right) => left.id.localeCompare(right.id));
    await manager.query(statement, [JSON.stringify(storable(sorted))]);
  }
}

/** Classes 22 (data exception) and 23 (integrity): https://www.postgresql.org/docs/current/errcodes-appendix.html */
function isDataError(error: unknown): error is QueryFailedError {
  if (!(error instanceof QueryFailedError)) return false;
  const { code } = error.driverError as { code?: string };
  return code !== undefined && /^2[23]/.test(code);
}
