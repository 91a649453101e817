import type { Page } from 'playwright-core';

/** Everything that a developer would see in red: errors of scripts, messages in the console, requests that failed. */
export class Troubles {
  readonly #found: string[] = [];
  readonly #expected: RegExp[] = [];

  watch(page: Page): void {
    page.on('pageerror', (error) => this.#found.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        this.#found.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('requestfailed', (request) => {
      // A page that is left lets go of its live connection.
      const reason = request.failure()?.errorText ?? '';
      if (reason !== 'net::ERR_ABORTED') this.#found.push(`request: ${request.url()} ${reason}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) this.#found.push(`response: ${response.url()} ${response.status()}`);
    });
  }

  /** Such troubles belong to the test. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** @throws {Error} something unexpected went wrong */
  refuse(): void {
    const unexpected = this.#found.filter((found) => !this.#expected.some((pattern) => pattern.test(found)));
    if (unexpected.length > 0) throw new Error(`the page is in trouble:\n${unexpected.join('\n')}`);
  }
}
