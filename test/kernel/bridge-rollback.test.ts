/** ADD of the bridge plugin is a transaction: made to fail after each of its steps, it leaves everything as it was. */
import test, { type ExecutionContext } from 'ava';
import { add } from '../../src/plugins/bridge/add.ts';
import * as firewall from '../../src/plugins/bridge/firewall.ts';
import { ADD_CASES, type AddCase, prepare } from '../plugins/bridge/add-cases.ts';
import { needs } from '../harness/needs.ts';
import { changes } from '../harness/node.ts';

class Injected extends Error {}

for (const [title, wanted] of Object.entries(ADD_CASES)) {
  const declare = wanted.needs === undefined ? test.serial : needs(...wanted.needs);
  declare(`bridge ADD: failing after any step leaves everything as it was: ${title}`, (t) => {
    walk(t, wanted);
  });
}

function walk(t: ExecutionContext, wanted: AddCase): void {
  t.timeout(300_000);
  const { node, container, untouched, call: again } = prepare(t, wanted);
  const walked: string[] = [];
  for (let failing = 0; ; failing++) {
    let step = 0;
    const call = again();
    const afterStep = (name: string): void => {
      if (step++ !== failing) return;
      walked.push(name);
      throw new Injected(name);
    };
    try {
      node.host.run(() => add(call, { afterStep, firewall }));
    } catch (error) {
      if (!(error instanceof Injected)) throw error;
      t.deepEqual(changes(untouched, node.snapshot(container)), [], `after ${walked.at(-1)}`);
      t.deepEqual(call.warnings, [], `after ${walked.at(-1)}`);
      continue;
    }
    break;
  }
  t.log(walked.join(', '));
  for (const step of wanted.steps) {
    t.true(walked.includes(step), `${step} among ${walked.join(', ')}`);
  }
  t.true(changes(untouched, node.snapshot(container)).length > 0);
}
