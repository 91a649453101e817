import { z } from 'zod';

/**
 * What a vendor wants back, unread, with the next call of the same conversation: signatures of thinking, sealed reasoning. Kept in the
 * journal, so that another worker can go on; of use only to the model that made it.
 */
export const vendorStateSchema = z.object({
  /** Which provider and model made it, such as `anthropic-default/claude-sonnet-5`. */
  source: z.string(),
  /** JSON in the vendor's own form. */
  data: z.unknown(),
});
export type VendorState = z.infer<typeof vendorStateSchema>;

/** What a vendor's own tools did while the model answered. */
export const nativeToolUseSchema = z.discriminatedUnion('tool', [
  z.object({
    tool: z.literal('google_search'),
    queries: z.array(z.string()),
    sources: z.array(z.object({ uri: z.string(), title: z.string() })),
  }),
  z.object({
    tool: z.literal('url_context'),
    sources: z.array(z.object({ uri: z.string(), title: z.string(), status: z.string().optional() })),
  }),
  z.object({
    tool: z.literal('code_execution'),
    language: z.string(),
    code: z.string(),
    /** The vendor's word, such as `OUTCOME_OK`; absent while there is no result. */
    outcome: z.string().optional(),
    output: z.string(),
  }),
]);
export type NativeToolUse = z.infer<typeof nativeToolUseSchema>;
