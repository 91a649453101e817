import { NATIVE_TOOLS } from '../schema/primitives.js';
import type { Path } from '../source/yaml-file.js';
import type { Checked, Report } from './checked.js';
import type { References } from './references.js';

export function checkAgents({ tarsy }: Checked, references: References): void {
  for (const [id, agent] of Object.entries(tarsy.agents)) {
    const path = ['agents', id];
    references.servers([...path, 'mcp_servers'], agent.mcp_servers);
    references.skills([...path, 'skills'], agent.skills);
    references.skills([...path, 'required_skills'], agent.required_skills);
    checkNativeTools([...path, 'native_tools'], agent.native_tools, references.report);
  }
}

export function checkNativeTools(path: Path, tools: Readonly<Record<string, boolean>>, report: Report): void {
  for (const name of Object.keys(tools))
    if (!(NATIVE_TOOLS as readonly string[]).includes(name))
      report.error([...path, name], `is no native tool; known: ${NATIVE_TOOLS.join(', ')}`);
}
