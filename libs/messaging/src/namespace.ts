import { InvalidNamespaceError } from './messaging.errors.js';

const ROOT = 'tarsy';

/** Translates the names of the contracts, whose root token is `tarsy`, to those on the server and back. */
export class Namespace {
  constructor(readonly name: string) {
    if (!/^[a-z][a-z0-9_-]{0,40}$/.test(name))
      throw new InvalidNamespaceError(
        `namespace "${name}" must begin with a lower-case letter, then letters, digits, - or _`,
      );
  }

  /** `tarsy.tasks.default` becomes `<namespace>.tasks.default`. */
  qualify(subject: string): string {
    if (!subject.startsWith(`${ROOT}.`)) throw new TypeError(`subject "${subject}" does not begin with "${ROOT}."`);
    return this.name + subject.slice(ROOT.length);
  }

  /** The reverse of {@link qualify}; a subject of another namespace stays as it is. */
  unqualify(subject: string): string {
    return subject.startsWith(`${this.name}.`) ? ROOT + subject.slice(this.name.length) : subject;
  }

  stream(name: string): string {
    return this.name === ROOT ? name : `${this.name.toUpperCase()}_${name}`;
  }

  bucket(name: string): string {
    return this.name === ROOT ? name : `${this.name}_${name}`;
  }
}
