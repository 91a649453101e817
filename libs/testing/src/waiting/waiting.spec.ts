import { describe, expect, it } from 'vitest';
import { eventuallyWithin, lastAnswer } from './waiting.js';

const eventually = eventuallyWithin(10_000);

describe(eventuallyWithin.name, () => {
  it('asks until there is an answer, and returns it', async () => {
    const answers = [undefined, null, false, 0];
    expect(await eventually(() => answers.shift())).toBe(0);
  });

  it('says what it waited for', async () => {
    const seen: string[] = [];
    await expect(eventually(() => seen.length === 3, 1)).rejects.toThrow(
      /^not within 0\.001 s: .*seen\.length === 3; read last: false$/,
    );
  });

  it('lets an error of the question through', async () => {
    await expect(eventually(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });
});

describe(lastAnswer.name, () => {
  it('returns the last answer also when none fits', async () => {
    expect(await lastAnswer(() => 'no', (answer) => answer === 'yes', { timeoutMs: 1 })).toBe('no'); // prettier-ignore
  });
});
