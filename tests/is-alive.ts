import { identityOf } from '../tools/cli/src/processes/process-identity.js';

/** Whether a process with this number runs; one that ended and was not collected by its parent does not. */
export const isAlive = (pid: number): boolean => identityOf(pid) !== undefined;
