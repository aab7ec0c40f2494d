/**
 * What `ava` is in a bundle of tests (`scripts/bundle-tests.ts`): AVA itself, with each
 * title prefixed by the file it comes from, as AVA does when it runs many files.
 *
 * Hooks are refused: in the bundle they would run for the tests of every file.
 */
import { setImmediate } from 'node:timers/promises';
import ava, { type ExecutionContext, type TestFn } from 'ava';
import { declared, isChosen } from './chosen.ts';

export { enterFile } from './chosen.ts';

const HOOKS = ['before', 'beforeEach', 'after', 'afterEach'];
const SAME = ['macro', 'meta'];

type Declare = (...args: unknown[]) => unknown;

function prefixed(declare: Declare, isCondition: boolean): Declare {
  return new Proxy(declare, {
    apply(target, self, args: unknown[]) {
      if (isCondition) return prefixed(Reflect.apply(target, self, args) as Declare, false);
      const { title, body, rest } = declared(args);
      if (!isChosen(title)) return undefined;
      return Reflect.apply(target, self, announced(title, body, rest)) as unknown;
    },
    get(target, key: string) {
      const value: unknown = Reflect.get(target, key);
      if (HOOKS.includes(key)) throw new Error(`tests in a bundle use no ${key} hook`);
      if (typeof value !== 'function' || SAME.includes(key)) return value;
      return prefixed(value as Declare, key === 'skipIf' || key === 'runIf');
    },
  });
}

/**
 * From this line `scripts/test.ts` knows which test hangs, or was the last before the kernel
 * crashed. Most tests are synchronous: without a turn of the event loop between them AVA would see
 * no progress, and end all of them as idle.
 *
 * With NETLINK_TS_DECLARE=1 no test runs: the output lists the tests that this kernel would skip.
 */
function announced(title: string, body: unknown, rest: readonly unknown[]): unknown[] {
  if (typeof body !== 'function') return [title, body, ...rest];
  if (process.env['NETLINK_TS_DECLARE'] === '1') return [title, (t: ExecutionContext) => t.pass()];
  const run = async (...args: unknown[]): Promise<unknown> => {
    await setImmediate();
    console.error(`# running ${title}`);
    return Reflect.apply(body, undefined, args) as unknown;
  };
  return [title, run, ...rest];
}

export default prefixed(ava as unknown as Declare, false) as unknown as TestFn;
