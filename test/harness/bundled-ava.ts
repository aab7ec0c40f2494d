/**
 * What `ava` is in a bundle of tests (`scripts/bundle-tests.ts`): AVA itself, with each
 * title prefixed by the file it comes from, as AVA does when it runs many files.
 *
 * Hooks are refused: in the bundle they would run for the tests of every file.
 */
import { setImmediate } from 'node:timers/promises';
import ava, { type ExecutionContext, type TestFn } from 'ava';

const HOOKS = ['before', 'beforeEach', 'after', 'afterEach'];
const SAME = ['macro', 'meta'];

let file = '';

/** Called by the bundle before the code of each test file. */
export function enterFile(title: string): void {
  file = title;
}

type Declare = (...args: unknown[]) => unknown;

function prefixed(declare: Declare, isCondition: boolean): Declare {
  return new Proxy(declare, {
    apply(target, self, args: unknown[]) {
      const result: unknown = Reflect.apply(target, self, isCondition ? args : named(args));
      return isCondition ? prefixed(result as Declare, false) : result;
    },
    get(target, key: string) {
      const value: unknown = Reflect.get(target, key);
      if (HOOKS.includes(key)) throw new Error(`${file}: tests in a bundle use no ${key} hook`);
      if (typeof value !== 'function' || SAME.includes(key)) return value;
      return prefixed(value as Declare, key === 'skipIf' || key === 'runIf');
    },
  });
}

/** The arguments of one test declaration, with the title of a macro computed. */
function named(args: readonly unknown[]): unknown[] {
  const given = typeof args[0] === 'string' ? args[0] : undefined;
  const [body, ...rest] = given === undefined ? args : args.slice(1);
  if (typeof body !== 'object' || body === null) return announced(`${file} › ${given}`, body, rest);
  const macro = body as {
    exec: Declare;
    title?: (given: string | undefined, ...a: unknown[]) => string;
  };
  const title = macro.title?.(given, ...rest) ?? given;
  return announced(`${file} › ${title}`, macro.exec, rest);
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
