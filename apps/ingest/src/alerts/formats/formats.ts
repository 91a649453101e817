import type { AlertFormat } from './alert-format.js';
import { parseAlertmanagerGroup } from './alertmanager.js';
import { parseApiAlert } from './api.js';

/** Formats by the last token of a raw alert's subject. A new format is one file and one line here. */
export const FORMATS: Readonly<Record<string, AlertFormat>> = {
  json: parseApiAlert,
  alertmanager: parseAlertmanagerGroup,
};
