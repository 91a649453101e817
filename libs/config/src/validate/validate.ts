import { checkAgents } from './agents.js';
import { checkChains } from './chains.js';
import type { Checked, Report } from './checked.js';
import { checkDefaults } from './defaults.js';
import { checkServers } from './mcp-servers.js';
import { checkProviders } from './providers.js';
import { checkQueue } from './queue.js';
import { References } from './references.js';
import { checkSystem } from './system.js';

/** Everything that the types alone do not say. */
export function validate(checked: Checked, report: Report): void {
  const references = new References(checked, report);
  checkQueue(checked, report);
  checkAgents(checked, references);
  checkServers(checked, references);
  checkProviders(checked, report);
  checkChains(checked, references);
  checkDefaults(checked, references);
  checkSystem(checked, report);
}
