import ArrowRightLeft from '@lucide/svelte/icons/arrow-right-left';
import Bot from '@lucide/svelte/icons/bot';
import Brain from '@lucide/svelte/icons/brain';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import FileCheck from '@lucide/svelte/icons/file-check';
import Info from '@lucide/svelte/icons/info';
import MessageSquare from '@lucide/svelte/icons/message-square';
import Wrench from '@lucide/svelte/icons/wrench';
import type { TimelineItem } from '#lib/live/timeline';

/** How a kind of event looks. */
export interface EventLook {
  readonly icon: typeof Bot;
  /** Name of the colour variable. */
  readonly tone: string;
}

const OTHER: EventLook = { icon: Info, tone: 'quiet' };
const LOOKS: Partial<Record<TimelineItem['type'], EventLook>> = {
  llm_thinking: { icon: Brain, tone: 'thinking' },
  llm_response: { icon: Bot, tone: 'accent' },
  llm_tool_call: { icon: Wrench, tone: 'tool' },
  mcp_tool_summary: { icon: Wrench, tone: 'tool' },
  error: { icon: CircleAlert, tone: 'bad' },
  final_analysis: { icon: FileCheck, tone: 'good' },
  executive_summary: { icon: FileCheck, tone: 'good' },
  provider_fallback: { icon: ArrowRightLeft, tone: 'stopped' },
  guidance_received: { icon: MessageSquare, tone: 'accent' },
  user_question: { icon: MessageSquare, tone: 'accent' },
};

export const eventLook = (type: TimelineItem['type']): EventLook => LOOKS[type] ?? OTHER;
