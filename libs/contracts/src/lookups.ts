import { z } from 'zod';
import { subjects } from './subjects.js';

/** A question that one replica of a service answers at once. Nothing of it is stored: whoever asks must do without an answer. */
export interface LookupDefinition<Schema extends z.ZodType = z.ZodType> {
  /** Name used in logs; equals the exported constant. */
  readonly name: string;
  readonly subject: string;
  /** What the answer looks like. At most 512 KiB. */
  readonly answer: Schema;
}

/** Which runbooks the configured repository has. Asked by stream-gateway, answered by mcp-broker. */
export const runbookLookup = {
  name: 'runbookLookup',
  subject: subjects.lookup('runbooks'),
  answer: z.object({
    /** Addresses of Markdown files, sorted; empty where there are none, or where the repository could not be read. */
    urls: z.array(z.string()),
  }),
} as const satisfies LookupDefinition;
