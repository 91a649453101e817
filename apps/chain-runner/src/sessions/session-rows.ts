import { AgentExecution, AlertSession, Stage } from '@tarsy/persistence';
import type { EntityManager, ObjectLiteral } from 'typeorm';

type Row = AlertSession | Stage | AgentExecution;

/**
 * A session's rows within one transaction that nobody else changes them in. Each is read once, so that everybody who asks for it sees and
 * changes the same object; of a row that is saved only the columns that were given another value since are written.
 */
export class SessionRows {
  #stages: Stage[] | undefined;
  #executions: AgentExecution[] | undefined;
  /** As it is in the database; a row without is not there yet. */
  readonly #stored = new WeakMap<Row, ObjectLiteral>();

  constructor(
    private readonly manager: EntityManager,
    private readonly sessionId: string,
  ) {}

  /** In order. */
  async stages(): Promise<readonly Stage[]> {
    const { manager, sessionId } = this;
    this.#stages ??= this.#read(await manager.find(Stage, { where: { sessionId }, order: { stageIndex: 'ASC' } }));
    return this.#stages;
  }

  /** Of all stages, sub-agents included, by their `agentIndex`. */
  async executions(): Promise<readonly AgentExecution[]> {
    const { manager, sessionId } = this;
    this.#executions ??= this.#read(
      await manager.find(AgentExecution, { where: { sessionId }, order: { agentIndex: 'ASC' } }),
    );
    return this.#executions;
  }

  async execution(id: string): Promise<AgentExecution | undefined> {
    return (await this.executions()).find((one) => one.id === id);
  }

  /** The row was read elsewhere. */
  isStored(row: Row): void {
    this.#stored.set(row, { ...row });
  }

  /** What is undefined stays as it is; an object counts as changed where it is replaced, not where something in it is. */
  async save(row: Row): Promise<void> {
    const before = this.#stored.get(row);
    if (before === undefined) await this.#insert(row);
    else {
      const changed = Object.entries(row).filter(([name, value]) => value !== undefined && value !== before[name]);
      if (changed.length === 0) return;
      await this.manager.update<ObjectLiteral>(row.constructor, { id: row.id }, Object.fromEntries(changed));
    }
    this.isStored(row);
  }

  async #insert(row: Row): Promise<void> {
    // Read before: afterwards the list would hold another object for the same row.
    if (row instanceof Stage) await this.stages();
    if (row instanceof AgentExecution) await this.executions();
    const { connection } = this.manager;
    const { columns } = connection.getMetadata(row.constructor);
    const values = row as ObjectLiteral;
    const defaults = columns.filter(({ propertyName }) => values[propertyName] === undefined);
    await this.manager.insert<ObjectLiteral>(row.constructor, row);
    // What the database put there comes back as the driver reads it.
    for (const column of defaults) {
      const value: unknown = values[column.propertyName];
      values[column.propertyName] = value === undefined ? null : connection.driver.prepareHydratedValue(value, column);
    }
    if (row instanceof Stage) this.#stages!.push(row);
    if (row instanceof AgentExecution) {
      this.#executions!.push(row);
      this.#executions!.sort((one, other) => one.agentIndex - other.agentIndex);
    }
  }

  #read<Rows extends readonly Row[]>(rows: Rows): Rows {
    for (const row of rows) this.isStored(row);
    return rows;
  }
}
