import { createDataSource } from '@tarsy/persistence';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterEach } from 'vitest';
import { databaseUrlOf, onServer } from '../../test-servers.js';

/** Databases that live for one test. */
export class Databases {
  readonly #open: DataSource[] = [];
  readonly #names: string[] = [];

  constructor() {
    afterEach(() => this.#drop());
  }

  /** A new, empty database; connect to it as often as you like. */
  async create(): Promise<string> {
    const name = `persistence_${randomUUID().slice(0, 8)}`;
    await onServer(`CREATE DATABASE ${name}`);
    this.#names.push(name);
    return databaseUrlOf(name);
  }

  async connect(url: string, readOnly = false): Promise<DataSource> {
    const dataSource = createDataSource({ url, applicationName: 'persistence-test', readOnly });
    await dataSource.initialize();
    this.#open.push(dataSource);
    return dataSource;
  }

  async #drop(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((dataSource) => dataSource.destroy()));
    for (const name of this.#names.splice(0)) await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
  }
}
