import { Kvm } from '@nats-io/kv';
import { Injectable } from '@nestjs/common';
import type { BucketDefinition } from '@tarsy/contracts';
import type { z } from 'zod';
import { KeyValueBucket } from './key-value-bucket.js';
import { Messaging } from './messaging.js';

@Injectable()
export class Buckets {
  readonly #kvm: Kvm;

  constructor(private readonly messaging: Messaging) {
    this.#kvm = new Kvm(messaging.jetstream);
  }

  /** The bucket itself is created with the rest of the topology; opening it costs nothing until it is used. */
  open<Schema extends z.ZodType>(bucket: BucketDefinition<Schema>): KeyValueBucket<z.output<Schema>> {
    return new KeyValueBucket(this.messaging, bucket.schema as z.ZodType<z.output<Schema>>, bucket.name, () =>
      this.#kvm.open(this.messaging.names.bucket(bucket.name)),
    );
  }
}
