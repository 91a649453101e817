import type { ProvidersFile, TarsyFile } from './schema/files.js';
import type { Path } from './source/yaml-file.js';

/** Where a value comes from. */
export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'built-in' }
  | { readonly kind: 'default' }
  /** Set by an environment variable. */
  | { readonly kind: 'environment'; readonly variable: string };

/** Both files with built-ins and defaults filled in, and where each value comes from. Holds secrets: see `sanitized`. */
export interface Effective {
  readonly sections: TarsyFile & ProvidersFile;
  originOf(path: Path): Origin;
}
