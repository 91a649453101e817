import type { Path } from '../source/yaml-file.js';
import { checkNativeTools } from './agents.js';
import type { Checked, Report } from './checked.js';

export function checkProviders({ providers }: Checked, report: Report): void {
  for (const [id, provider] of Object.entries(providers ?? {})) {
    const path: Path = ['llm_providers', id];
    if (!provider.type) report.error([...path, 'type'], 'is required');
    if (!provider.model) report.error([...path, 'model'], 'is required');
    if (provider.type === 'google') checkNativeTools([...path, 'native_tools'], provider.native_tools, report);
  }
}
