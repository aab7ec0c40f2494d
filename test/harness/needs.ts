/** Skips an AVA test where the kernel lacks a feature that it needs. */
import test, { type TestFn } from 'ava';
import { type Feature, missingFeatures, skipLine } from './features.ts';

/**
 * AVA's `test` where the kernel has all features, otherwise its `test.skip`, with the reason in the
 * output.
 *
 * @example
 * needs('ipvlan')('ipvlan: the mode can be read back', (t) => { … });
 */
export function needs(...features: Feature[]): TestFn {
  const missing = missingFeatures(features);
  if (missing.length === 0) return test;
  return new Proxy(test.skipIf(true), {
    apply(declare, self, args: unknown[]) {
      console.error(skipLine(typeof args[0] === 'string' ? args[0] : '(macro)', missing));
      return Reflect.apply(declare, self, args) as unknown;
    },
  });
}
