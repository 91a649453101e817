import type { BucketDefinition } from '@tarsy/contracts';
import type { z } from 'zod';
import type { KeyValueBucket } from './key-value-bucket.js';

export class Buckets {
  open<Schema extends z.ZodType>(_bucket: BucketDefinition<Schema>): KeyValueBucket<z.output<Schema>> {
    throw new Error('not implemented yet');
  }
}
