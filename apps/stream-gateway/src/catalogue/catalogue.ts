import type { AlertTypes, DefaultTools, SkillView, SystemConfiguration } from '@tarsy/contracts';
import type { PriceCatalogueState } from './configuration-view.js';

/** Inject the {@link Catalogue}. */
export const CATALOGUE = Symbol('CATALOGUE');

/** What the configuration offers, as it is at the moment. */
export interface Catalogue {
  readonly alertTypes: AlertTypes;
  /** Whether there is a repository whose runbooks can be listed. */
  readonly hasRunbooks: boolean;
  /** Tools that an alert of this type gets unless it brings its own selection. */
  defaultTools(alertType: string | undefined): DefaultTools;
  /** Without anything secret. */
  configuration(prices: PriceCatalogueState): SystemConfiguration;
  /** Undefined where there is no such skill. */
  skill(name: string): SkillView | undefined;
}
