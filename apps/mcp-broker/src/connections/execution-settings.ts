import type { TransportSettings } from '@tarsy/config';

/** What the configuration leaves for each execution to fill in. */
const EXECUTION_ID = /\{\{\s*\.SESSION_ID\s*\}\}/g;

/** Whether the server shall be able to tell executions apart, so that none may use the connection of another. */
export function tellsExecutionsApart({ customHeaders }: TransportSettings): boolean {
  return Object.values(customHeaders).some((value) => value.search(EXECUTION_ID) >= 0);
}

/** The settings as one execution uses them; without an id, as nobody in particular does. */
export function settingsFor(settings: TransportSettings, executionId = ''): TransportSettings {
  const filled = (value: string): string => value.replaceAll(EXECUTION_ID, executionId);
  return {
    ...settings,
    customHeaders: Object.fromEntries(
      Object.entries(settings.customHeaders).map(([name, value]) => [name, filled(value)]),
    ),
    sessionCleanupUrl: settings.sessionCleanupUrl && filled(settings.sessionCleanupUrl),
  };
}
