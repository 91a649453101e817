import type { ProvidersFile, TarsyFile } from '../schema/files.js';
import type { Path } from '../source/yaml-file.js';

/** Where checks tell what they find. */
export interface Report {
  error(path: Path, message: string): void;
  warning(path: Path, message: string): void;
}

/** Both files with built-ins and defaults, and the skills that were found. */
export interface Checked {
  readonly tarsy: TarsyFile;
  /** Undefined where their file can not be read: their names are not checked then. */
  readonly providers: ProvidersFile['llm_providers'] | undefined;
  /** Undefined where one of them can not be read. */
  readonly skillNames: ReadonlySet<string> | undefined;
}
