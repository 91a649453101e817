import { sha256 } from '@tarsy/core';

/** Sizes of what an alert may say beside its text. Characters, unless the name says otherwise. */
export const LIMITS = {
  dataBytes: 1024 ** 2,
  alerts: 10_000,
  alertType: 255,
  title: 200,
  author: 255,
  url: 2_048,
  slackText: 4_096,
  groupKey: 1_000,
  fingerprint: 128,
  labels: 200,
  labelName: 128,
  labelValue: 4_096,
  toolServers: 100,
  tools: 500,
} as const;

/** The text, cut with a mark where it is too long. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`;
}

/** As {@link shortened}, and still different for different texts: what identifies must not be cut to the same. */
export function shortenedName(text: string, longest: number): string {
  return text.length <= longest ? text : `${shortened(text, longest - 64)}${sha256(text)}`;
}

export function boundedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels)
      .slice(0, LIMITS.labels)
      .map(([name, value]) => [shortened(name, LIMITS.labelName), shortened(value, LIMITS.labelValue)]),
  );
}
