export { streamingEventIdOf, streamingSequenceNumberOf } from './identity.js';
export { timelineEventsOf } from './timeline-events.js';
export { questionEventOf, type AskedQuestion } from './question-event.js';
export { interactionsOf } from './interactions.js';
export { conversationEntriesOf } from './conversation-entries.js';
export type { ConversationEntry, LlmInteraction, McpInteraction, TimelineEvent } from './projection.types.js';
