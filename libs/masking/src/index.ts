export { Masker, type MaskingSettings } from './masker.js';
export { isMaskingGroup, isMaskingPattern } from './patterns.js';
