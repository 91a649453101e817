import { describe, expect, it } from 'vitest';
import { LONGEST_STEP, recordedHistoryOf, type RecordedStep } from './recorded-history.js';

const step = (eventType: RecordedStep['eventType'], content: string, metadata = {}): RecordedStep => ({
  eventType,
  content,
  metadata,
});

describe(recordedHistoryOf.name, () => {
  it('tells what was thought, said, done, summarised and concluded, in order', () => {
    const call = { server_name: 'host', tool_name: 'df', arguments: { path: '/' }, is_error: true };
    const history = recordedHistoryOf([
      step('skill_loaded', 'disks'),
      step('llm_thinking', 'hm'),
      step('llm_response', 'I look.'),
      step('llm_tool_call', 'no such file', call),
      step('mcp_tool_summary', 'nothing there'),
      step('guidance_received', 'Look at /var.'),
      step('error', 'the model is gone'),
      step('final_analysis', 'sda1'),
    ]);
    expect(history.split('\n\n')).toEqual([
      'Reasoning: hm',
      'Response: I look.',
      'Tool call: host.df {"path":"/"}\nError: no such file',
      'Summary of that result: nothing there',
      'Look at /var.',
      'Error: the model is gone',
      'Final analysis: sda1',
    ]);
  });

  it('cuts long steps, and keeps the end of a long history', () => {
    const [long, short] = ['x'.repeat(LONGEST_STEP + 1), 'x'.repeat(LONGEST_STEP)];
    expect(recordedHistoryOf([step('llm_response', long)])).toBe(`Response: ${short}\n(the rest is left out)`);
    expect(recordedHistoryOf([step('llm_response', short)])).toBe(`Response: ${short}`);
    const history = recordedHistoryOf([step('llm_response', short), step('final_analysis', 'sda1')], 100);
    expect(history).toMatch(/^\(earlier steps are left out\)\n\n.{66,}\n\nFinal analysis: sda1$/s);
    expect(history.length).toBeLessThan(140);
  });
});
