/**
 * What DEL and GC have in common in every plugin. Nothing cleans up after them, so they continue
 * after a failure and report all failures at the end, and they use whatever part of the
 * configuration is valid.
 */
import { member } from '../../cni/decode.ts';
import { isObject } from '../../cni/json-text.ts';
import type { Invocation } from '../../cni/skel.ts';
import { ipamOf, type Ipam } from './ipam.ts';

/**
 * Runs a part. An error is reported after all parts have run, and the returned value is then
 * undefined.
 */
export type Attempt = <T>(work: () => T) => T | undefined;

export function cleanUp(parts: (attempt: Attempt) => void): void {
  const { attempt, finish } = cleaning();
  parts(attempt);
  finish();
}

/** The same for parts that do not follow each other directly; `finish` throws what failed. */
export function cleaning(): { attempt: Attempt; finish(): void } {
  const failures: unknown[] = [];
  return {
    attempt: (work) => {
      try {
        return work();
      } catch (error) {
        failures.push(error);
        return undefined;
      }
    },
    finish: () => {
      if (failures.length > 0) throw new AggregateError(failures);
    },
  };
}

/** `ipam.type` of the configuration; undefined where it cannot be read. */
export function namedType(invocation: Invocation): string | undefined {
  const ipam = member(invocation.config.document, 'ipam') ?? null;
  const type = isObject(ipam) ? member(ipam, 'type') : '';
  return typeof type === 'string' && type !== '' ? type : undefined;
}

/** The IPAM of that type. */
export function namedIpam(invocation: Invocation): Ipam | undefined {
  const type = namedType(invocation);
  return type === undefined ? undefined : ipamOf(type, invocation);
}
