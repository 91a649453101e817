import { actionSafetySection } from './action-safety.section.js';
import { agentInstructionsSection } from './agent-instructions.section.js';
import { alertDetailsSection } from './alert-details.section.js';
import { earlierQuestionsSection, investigationSection, questionSection, summarySection } from './chat.sections.js';
import { contextSection } from './context.section.js';
import { executiveSummarySystemPrompt, executiveSummaryUserPrompt } from './executive-summary.js';
import { focusSection } from './focus.section.js';
import { orchestratorSection, subAgentSection } from './orchestrator.section.js';
import { parallelResultsSection } from './parallel-results.section.js';
import { previousStagesSection } from './previous-stages.section.js';
import { joinSections, type PromptContext, type PromptSection } from './prompt-context.js';
import { responseGuidelinesSection } from './response-guidelines.section.js';
import { roleSection } from './role.section.js';
import { runbookSection } from './runbook.section.js';
import { serverInstructionsSection } from './server-instructions.section.js';
import { skillsSection } from './skills.section.js';
import { assignmentSection, taskSection } from './task.section.js';
import { webSearchSection } from './web-search.section.js';
import { unavailableServersSection } from './unavailable-servers.section.js';

export interface PromptMessage {
  readonly role: 'system' | 'user';
  readonly content: string;
}

const SYSTEM_SECTIONS: readonly PromptSection[] = [
  contextSection,
  roleSection,
  serverInstructionsSection,
  unavailableServersSection,
  skillsSection,
  agentInstructionsSection,
  actionSafetySection,
  responseGuidelinesSection,
  orchestratorSection,
  subAgentSection,
  focusSection,
];

/** A synthesis works on what others found: neither the time nor tools matter to it. */
const SYNTHESIS_SYSTEM_SECTIONS: readonly PromptSection[] = [roleSection, webSearchSection, agentInstructionsSection, focusSection]; // prettier-ignore

const USER_SECTIONS: readonly PromptSection[] = [
  alertDetailsSection,
  runbookSection,
  previousStagesSection,
  taskSection,
];

const SYNTHESIS_USER_SECTIONS: readonly PromptSection[] = [
  alertDetailsSection,
  runbookSection,
  parallelResultsSection,
  taskSection,
];

/** The question comes last: it is what the answer is about. */
const CHAT_USER_SECTIONS: readonly PromptSection[] = [
  alertDetailsSection,
  runbookSection,
  investigationSection,
  summarySection,
  earlierQuestionsSection,
  questionSection,
];

/** A sub-agent knows what it was told and nothing else. */
const SUB_AGENT_USER_SECTIONS: readonly PromptSection[] = [assignmentSection];

/** The conversation's beginning: one system and one user message. Pure. */
export function composePrompt(context: PromptContext): PromptMessage[] {
  const { task } = context;
  if (task.agent.kind === 'exec_summary')
    return [
      { role: 'system', content: executiveSummarySystemPrompt() },
      { role: 'user', content: executiveSummaryUserPrompt(task) },
    ];
  const systemSections = task.agent.kind === 'synthesis' ? SYNTHESIS_SYSTEM_SECTIONS : SYSTEM_SECTIONS;
  return [
    { role: 'system', content: joinSections(systemSections, context) },
    { role: 'user', content: joinSections(userSectionsFor(context), context) },
  ];
}

function userSectionsFor({ task }: PromptContext): readonly PromptSection[] {
  if (task.assignment !== undefined) return SUB_AGENT_USER_SECTIONS;
  if (task.chat !== undefined) return CHAT_USER_SECTIONS;
  return task.parallelResults === undefined ? USER_SECTIONS : SYNTHESIS_USER_SECTIONS;
}
