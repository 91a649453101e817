let departure: Promise<void> | undefined;

/**
 * Resolves at the end of this turn of the event loop, for all callers at the same moment: what they send then leaves the process in one
 * write instead of one each, which is most of what sending costs.
 */
export function untilDeparture(): Promise<void> {
  departure ??= new Promise((resolve) => {
    setImmediate(() => {
      departure = undefined;
      resolve();
    });
  });
  return departure;
}
