/** An answer of the API that is no success, or none at all. */
export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 where the server could not be reached. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  /** The same request may succeed later. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** What to tell a person, by status; a status that is not listed has a message from the server that says it better. */
const EXPLANATIONS: Readonly<Record<number, string>> = {
  0: 'The server can not be reached.',
  502: 'The service behind the server can not be reached.',
  504: 'The service behind the server does not answer.',
};

export const explanationOf = (status: number, message: string | undefined): string =>
  EXPLANATIONS[status] ?? message ?? `The server answered ${status}.`;

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
