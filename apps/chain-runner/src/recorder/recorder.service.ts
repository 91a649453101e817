import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { subjectFilters, type JournalEntry, type ToolCallCompleted } from '@tarsy/contracts';
import { ConsumerHost, parseSessionLogMessage, type RawDelivery } from '@tarsy/messaging';
import { RecordsRepository } from './records.repository.js';

/** Projects the session log into PostgreSQL, in batches. All replicas share one durable consumer. */
@Injectable()
export class RecorderService implements OnApplicationBootstrap {
  constructor(
    private readonly host: ConsumerHost,
    private readonly records: RecordsRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.host.consumeBatches(
      'SESSIONS',
      {
        durable: 'recorder',
        filterSubjects: [subjectFilters.journals, subjectFilters.toolResults],
        maxBatch: 500,
        maxWaitMs: 50,
      },
      (batch) => this.record(batch),
    );
  }

  async record(batch: RawDelivery[]): Promise<void> {
    await this.records.store(batch.map(messageOf));
  }
}

function messageOf({ subject, data }: RawDelivery): JournalEntry | ToolCallCompleted {
  const content = parseSessionLogMessage(subject, data);
  if (content.kind === 'journal') return content.entry;
  if (content.kind === 'tool-result') return content.result;
  throw new TypeError(`${subject} is not for the recorder`);
}
