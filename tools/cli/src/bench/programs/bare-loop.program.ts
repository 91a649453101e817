import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import OpenAI from 'openai';
import { answerCalls } from '../program.js';

export interface BareLoopSettings {
  readonly modelUrl: string;
  readonly toolProgram: string;
}

type Messages = OpenAI.Chat.ChatCompletionMessageParam[];
interface Call {
  id: string;
  name: string;
  text: string;
}

/** What an agent costs that keeps nothing: the vendor's SDK and the MCP SDK in a plain loop. */
let model: OpenAI;
let toolServer: Client;
let tools: OpenAI.Chat.ChatCompletionTool[] = [];

async function start({ modelUrl, toolProgram }: BareLoopSettings): Promise<void> {
  model = new OpenAI({ baseURL: modelUrl, apiKey: 'bench' });
  toolServer = new Client({ name: 'bare-loop', version: '1.0.0' });
  await toolServer.connect(new StdioClientTransport({ command: process.execPath, args: [toolProgram] }));
  const listed = await toolServer.listTools();
  tools = listed.tools.map(({ name, description = '', inputSchema }) => ({
    type: 'function',
    function: { name: `bench__${name}`, description, parameters: inputSchema },
  }));
}

/** @returns milliseconds of each iteration: from one answer of the model, over the tool, to the next */
async function investigate(): Promise<number[]> {
  const messages: Messages = [{ role: 'user', content: 'The disk of node 7 fills up.' }];
  const answeredAtMs: number[] = [];
  for (;;) {
    const { text, calls } = await turn(messages);
    answeredAtMs.push(performance.now());
    if (calls.length === 0) return answeredAtMs.slice(1).map((atMs, index) => atMs - answeredAtMs[index]!);
    messages.push({
      role: 'assistant',
      content: text,
      tool_calls: calls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.text },
      })),
    });
    for (const call of calls) messages.push({ role: 'tool', tool_call_id: call.id, content: await runTool(call) });
  }
}

async function turn(messages: Messages): Promise<{ text: string; calls: Call[] }> {
  const calls: Call[] = [];
  let text = '';
  const answer = await model.chat.completions.create({
    model: 'bench-model',
    messages,
    tools,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const { choices } of answer) {
    text += choices[0]?.delta.content ?? '';
    for (const { index, id, function: given } of choices[0]?.delta.tool_calls ?? []) {
      const call = (calls[index] ??= { id: '', name: '', text: '' });
      call.id ||= id ?? '';
      call.name += given?.name ?? '';
      call.text += given?.arguments ?? '';
    }
  }
  return { text, calls };
}

async function runTool({ name, text }: Call): Promise<string> {
  const result = await toolServer.callTool({
    name: name.replace('bench__', ''),
    arguments: JSON.parse(text) as Record<string, unknown>,
  });
  return (result.content as { text: string }[]).map((part) => part.text).join('\n');
}

answerCalls({ start, investigate });
