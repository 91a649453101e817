import picocolors from 'picocolors';

const { env, stdout } = process;

/**
 * Colours on a terminal only, so that what a script or a file receives is plain text, also on a CI server.
 * `NO_COLOR` switches them off, `FORCE_COLOR` on (https://no-color.org, https://force-color.org).
 */
export const colors = picocolors.createColors(!env['NO_COLOR'] && Boolean(env['FORCE_COLOR'] || stdout.isTTY));
