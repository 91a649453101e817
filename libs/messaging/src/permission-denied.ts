import { errors } from '@nats-io/nats-core';

/** Whether the server refused because the user may not do it; the client wraps that in other errors. */
export function isPermissionDenied(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause)
    if (one instanceof errors.PermissionViolationError) return true;
  return false;
}
