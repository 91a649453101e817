import type { Playbook } from './playbook.schema.js';

/** The playbook that fits an alert best: its type counts most, then the words in its text; one without any match is the fallback. */
export function choosePlaybook(
  playbooks: readonly Playbook[],
  alert: { type: string; data: string },
): Playbook | undefined {
  const text = `${alert.type} ${alert.data}`.toLowerCase();
  const scored = playbooks.map((playbook) => ({ playbook, score: scoreOf(playbook, alert.type, text) }));
  const [best] = scored.filter(({ score }) => score > 0).sort((left, right) => right.score - left.score);
  return best?.playbook ?? playbooks.find(({ match }) => match.alert_types.length === 0 && match.words.length === 0);
}

function scoreOf({ match }: Playbook, type: string, text: string): number {
  const words = match.words.filter((word) => text.includes(word.toLowerCase())).length;
  return (match.alert_types.includes(type) ? 100 : 0) + words;
}
