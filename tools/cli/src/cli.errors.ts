/** Something the person at the terminal can act on: shown as one line, without a stack. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
}
