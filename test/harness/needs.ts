/** Skips an AVA test where the kernel lacks a feature that it needs. */
import test, { type TestFn } from 'ava';
import { declared, isChosen } from './chosen.ts';
import { type Feature, missingFeatures, skipLine } from './features.ts';

/**
 * AVA's `test` where the kernel has all features, otherwise its `test.skip`, with the reason in the
 * output.
 *
 * @example
 * needs('ipvlan')('ipvlan: the mode can be read back', (t) => { … });
 */
export const needs = (...features: Feature[]): TestFn => needing(test, features);

/** The kernel is tried when a test is declared, and only for one that is to run. */
function needing(declare: TestFn, features: readonly Feature[]): TestFn {
  return new Proxy(declare, {
    apply(target, self, args: unknown[]) {
      const { title } = declared(args);
      if (!isChosen(title)) return;
      const missing = missingFeatures(features);
      if (missing.length > 0) console.error(skipLine(title, missing));
      const wanted = missing.length > 0 ? test.skipIf(true) : target;
      return Reflect.apply(wanted, self, args) as unknown;
    },
    get: (target, key) =>
      key === 'serial'
        ? needing(target.serial as TestFn, features)
        : (Reflect.get(target, key) as unknown),
  });
}
