/** Results of system calls as errors. */
import { netlinkError } from '../errors.ts';

/** Turns a negated errno into an error. */
export function check(result: number, operation: string, subject?: string): number {
  if (result >= 0) return result;
  throw netlinkError(-result, operation, { subject });
}
