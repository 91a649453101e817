/** Inject the `Configuration` of `@tarsy/config`. */
export const CONFIGURATION = Symbol('CONFIGURATION');
