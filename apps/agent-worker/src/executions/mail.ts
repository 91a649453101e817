import { mailIdOf, type MailboxMessage } from '@tarsy/contracts';
import { guidanceMessage, subAgentResultMessage } from '../prompts/mail-messages.js';
import type { ExecutionRun, NewEntry } from './execution-run.js';

/** Makes messages of the mailbox part of the conversation, in the order in which they came. */
export async function readMail(run: ExecutionRun, messages: readonly MailboxMessage[]): Promise<void> {
  for (const message of messages) {
    const entry = entryOf(message);
    if (entry !== undefined) await run.append(entry);
  }
}

/** Undefined for what is no part of a conversation. */
function entryOf(message: MailboxMessage): NewEntry | undefined {
  const mailId = mailIdOf(message);
  switch (message.type) {
    case 'cancel':
      return undefined;
    case 'sub-agent-result': {
      const { childExecutionId, agentName: author, result, errorMessage } = message;
      const text = result ?? errorMessage ?? '';
      return { type: 'mail-received', kind: message.type, mailId, content: subAgentResultMessage(message), text, author, childExecutionId }; // prettier-ignore
    }
    case 'guidance': {
      const { content: text, author } = message;
      return { type: 'mail-received', kind: message.type, mailId, content: guidanceMessage(message), text, author };
    }
  }
}
