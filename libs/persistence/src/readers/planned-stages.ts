import type { PlannedStage } from '@tarsy/contracts';
import { z } from 'zod';

const agentSchema = z.object({ name: z.string() });

/** Of a session's plan only what a reader shows. */
const planSchema = z.object({
  stages: z.array(
    z.object({ name: z.string(), type: z.enum(['investigation', 'action']), agents: z.array(agentSchema) }),
  ),
  executiveSummary: agentSchema,
});

/** The stages that a pinned plan names, the summary last; none of a session that was not admitted yet. */
export function plannedStages(plan: unknown): PlannedStage[] {
  const { data } = planSchema.safeParse(plan);
  if (!data) return [];
  return [
    ...data.stages.map(({ name, type, agents }) => ({
      stage_name: name,
      stage_type: type,
      agents: agents.map((agent) => agent.name),
    })),
    { stage_name: 'Executive Summary', stage_type: 'exec_summary', agents: [data.executiveSummary.name] },
  ];
}
