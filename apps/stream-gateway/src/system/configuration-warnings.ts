import type { ServicePresence, SystemWarnings } from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';

type Warning = SystemWarnings['warnings'][number];

/** One warning for each set of problems that keeps services from taking over a changed configuration. */
export function configurationWarnings(presences: readonly ServicePresence[]): Warning[] {
  const byProblems = Map.groupBy(
    presences.filter(({ details }) => details['configurationRejected'] !== undefined),
    ({ details }) => String(details['configurationRejected']),
  );
  return [...byProblems].map(([problems, services]) => {
    const names = services.map(({ replica }) => replica).toSorted();
    const [since = ''] = services.map(({ details }) => String(details['configurationRejectedAt'])).toSorted();
    return {
      id: derivedId('warning', 'configuration', problems, since),
      category: 'configuration',
      message: `The changed configuration has errors; ${names.join(', ')} ${names.length === 1 ? 'goes' : 'go'} on with the last good one`,
      details: problems,
      created_at: since,
    };
  });
}
