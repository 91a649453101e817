export type Theme = 'system' | 'light' | 'dark';

const STORAGE_KEY = 'tarsy-theme';
const ORDER: readonly Theme[] = ['system', 'light', 'dark'];

function storedTheme(): Theme {
  try {
    return ORDER.find((theme) => theme === localStorage.getItem(STORAGE_KEY)) ?? 'system';
  } catch {
    return 'system';
  }
}

/** The colours that this browser shows; follows the operating system until somebody chooses. */
class ThemeChoice {
  #theme = $state<Theme>(storedTheme());

  get theme(): Theme {
    return this.#theme;
  }

  /** System, light, dark, and round again. */
  next(): void {
    this.#theme = ORDER[(ORDER.indexOf(this.#theme) + 1) % ORDER.length]!;
    if (this.#theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.#theme;
    try {
      localStorage.setItem(STORAGE_KEY, this.#theme);
    } catch {
      // A browser that stores nothing forgets the choice with the page.
    }
  }
}

export const themeChoice = new ThemeChoice();
