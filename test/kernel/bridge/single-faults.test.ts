/**
 * ADD of the bridge plugin while one single thing goes wrong: each message that it sends over
 * netlink is refused in turn, each call on files fails in turn. It fails and everything is as it
 * was, or it does without and the attachment is complete.
 */
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { bridgeAdd } from '../../harness/bridge-calls.ts';
import { check } from '../../../src/plugins/bridge/check.ts';
import { failedFileCall, type Fault, refusedMessage } from '../../harness/faults.ts';
import { needs } from '../../harness/needs.ts';
import { ADD_CASES, type AddCase, prepare, type Scene } from '../../plugins/bridge/add-cases.ts';
import { invocation } from '../../plugins/invocation.ts';

/** Each system call is a dozen times as dear there. */
const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');

interface Met {
  readonly undone: string[];
  /** Without which the attachment is complete all the same. */
  readonly spared: string[];
}

/** Makes one thing after the other go wrong until there is none left. */
function walk(t: ExecutionContext, wanted: AddCase, fault: Fault, stride = 1): Met {
  const met: Met = { undone: [], spared: [] };
  let scene = prepare(t, wanted);
  for (let ordinal = 1; ; ordinal += stride) {
    const { node, container, untouched } = scene;
    const call = scene.call();
    const attempt = node.host.run(() => fault(ordinal, () => bridgeAdd(call)));
    if (attempt.met === undefined) {
      t.is(attempt.error, undefined);
      complete(t, scene, call.printed, 'nothing');
      return met;
    }
    if (attempt.error === undefined) {
      met.spared.push(attempt.met);
      complete(t, scene, call.printed, attempt.met);
      scene = prepare(t, wanted);
      continue;
    }
    met.undone.push(attempt.met);
    t.deepEqual(call.printed, [], attempt.met);
    t.deepEqual(node.changes(untouched, container), [], attempt.met);
    t.deepEqual(call.warnings, [], attempt.met);
  }
}

/** CHECK finds what ADD told. */
function complete(
  t: ExecutionContext,
  { node, container, config }: Scene,
  printed: readonly string[],
  without: string,
): void {
  t.is(printed.length, 1, without);
  const prevResult: unknown = JSON.parse(printed[0]!);
  const call = invocation({ ...config, prevResult }, { netns: container.path });
  // Addresses of another program are its own business.
  if ((config['ipam'] as { type?: string } | undefined)?.type === 'foreign') return;
  t.notThrows(() => node.host.run(() => check(call)), without);
}

for (const [title, wanted] of Object.entries(ADD_CASES)) {
  const declare = wanted.needs === undefined ? test.serial : needs(...wanted.needs);
  declare(`bridge ADD: a refused message leaves everything as it was: ${title}`, (t) => {
    const { undone, spared } = walk(t, wanted, refusedMessage);
    t.log(`${undone.length} messages; ${spared.length} that it does without: ${spared.join('; ')}`);
    t.true(undone.length >= 5);
  });
}

for (const title of ['both families over a new bridge', 'a bridge that was there']) {
  test.serial(`bridge ADD: a failing call on files leaves everything as it was: ${title}`, (t) => {
    const { undone, spared } = walk(t, ADD_CASES[title]!, failedFileCall, isUml ? 5 : 1);
    t.log(`${undone.length} calls, and ${spared.length} that it does without`);
    t.true(undone.length >= (isUml ? 8 : 40));
  });
}
