import type { AlertTypes, DefaultTools } from '@tarsy/contracts';

/** Inject the {@link Catalogue}. */
export const CATALOGUE = Symbol('CATALOGUE');

export interface Catalogue {
  readonly alertTypes: AlertTypes;
  /** Tools that an alert of this type gets unless it brings its own selection. */
  defaultTools(alertType: string | undefined): DefaultTools;
}
