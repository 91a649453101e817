import type {
  BudgetPart,
  JournalEntryOf,
  LlmInteractionType,
  MailboxMessage,
  ParkReason,
  RequestedToolCall,
} from '@tarsy/contracts';
import type { SummaryRequest } from '../summaries/summary-choice.js';

/** How an execution ends, as the loop decides it. */
export type Conclusion = Pick<
  JournalEntryOf<'concluded'>,
  'status' | 'result' | 'errorCode' | 'errorMessage' | 'forcedConclusion'
>;

/** A change of model, as the journal records it. */
export type ModelSwitch = Omit<
  JournalEntryOf<'model-switched'>,
  'type' | 'sessionId' | 'stageId' | 'executionId' | 'entry' | 'at'
>;

/** What is to be done next; each step ends with at least one entry in the journal. */
export type Step =
  | { readonly kind: 'prompt' }
  | {
      readonly kind: 'call-model';
      readonly interactionType: LlmInteractionType;
      readonly iteration: number;
      readonly offersTools: boolean;
    }
  | {
      readonly kind: 'answer-calls';
      readonly turn: JournalEntryOf<'turn'>;
      readonly calls: readonly RequestedToolCall[];
    }
  | {
      readonly kind: 'add-message';
      readonly reason: JournalEntryOf<'message-added'>['reason'];
      readonly usedUp?: BudgetPart;
      readonly content: string;
    }
  | { readonly kind: 'switch-model'; readonly change: ModelSwitch }
  | { readonly kind: 'read-mail'; readonly messages: readonly MailboxMessage[] }
  | { readonly kind: 'summarize'; readonly requests: readonly SummaryRequest[] }
  | {
      readonly kind: 'park';
      readonly reason: ParkReason;
      /** Messages in the mailbox, all of them read. */
      readonly mailboxSeen: number;
      /** When to go on, where time is what it waits for; ISO 8601. */
      readonly wakeAt?: string;
    }
  | { readonly kind: 'conclude'; readonly conclusion: Conclusion };

export const failed = (errorCode: string, errorMessage: string): Step => ({
  kind: 'conclude',
  conclusion: { status: 'failed', errorCode, errorMessage, forcedConclusion: false },
});

export const completed = (result: string, forcedConclusion = false): Step => ({
  kind: 'conclude',
  conclusion: { status: 'completed', result, forcedConclusion },
});
