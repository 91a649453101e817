import type { ConversationMessage, ToolDefinition } from '@tarsy/llm';

/** How a model without function calling asks for tools; goes to the end of its system prompt. */
function reactInstructions(tools: readonly ToolDefinition[]): string {
  return [
    '## Answer Format',
    'You work in steps. In each step answer in exactly one of two forms. To use a tool:',
    '',
    'Thought: what you know and what you need to find out',
    'Action: the name of one tool from the list below',
    'Action Input: its arguments as one JSON object',
    '',
    'Stop there. The result comes in the next message, after "Observation:"; never write an observation yourself.',
    'When you know enough:',
    '',
    'Thought: why the evidence is sufficient',
    'Final Answer: the complete answer',
    '',
    '## Available Tools',
    ...tools.map(describe),
  ].join('\n');
}

function describe({ name, description, inputSchema }: ToolDefinition): string {
  return `- ${name}: ${description.replace(/\s+/g, ' ').trim()}\n  Arguments (JSON Schema): ${JSON.stringify(inputSchema)}`;
}

/** The conversation as plain text messages: calls as actions, results as observations of the user. Pure. */
export function asReactConversation(
  messages: readonly ConversationMessage[],
  tools: readonly ToolDefinition[],
): ConversationMessage[] {
  const instructions = tools.length === 0 ? '' : `\n\n${reactInstructions(tools)}`;
  return messages.flatMap((message, index): ConversationMessage[] => {
    switch (message.role) {
      case 'system':
        return [{ role: 'system', content: index === 0 ? `${message.content}${instructions}` : message.content }];
      case 'user':
        return [message];
      case 'tool':
        return [{ role: 'user', content: `Observation:${message.isError ? ' (error)' : ''}\n${message.content}` }];
      case 'assistant': {
        const text = answerText(message);
        return text === '' ? [] : [{ role: 'assistant', text, toolCalls: [] }];
      }
    }
  });
}

function answerText({ thinking = '', text, toolCalls }: ConversationMessage & { role: 'assistant' }): string {
  const thought = thinking.trim();
  const [call] = toolCalls;
  return [
    ...(thought === '' ? [] : [`Thought: ${thought}`]),
    ...(text.trim() === '' ? [] : [call === undefined ? `Final Answer: ${text.trim()}` : text.trim()]),
    ...(call === undefined ? [] : [`Action: ${call.name}`, `Action Input: ${call.argumentsText || '{}'}`]),
  ].join('\n');
}
