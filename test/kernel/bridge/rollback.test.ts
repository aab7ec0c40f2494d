/**
 * ADD of the bridge plugin is a transaction: made to fail after each of its steps, it leaves
 * everything as it was.
 */
import test, { type ExecutionContext } from 'ava';
import { bridgeAdd } from '../../harness/bridge-calls.ts';
import { ADD_CASES, type AddCase, NEW_BRIDGE, prepare } from '../../plugins/bridge/add-cases.ts';
import { needs } from '../../harness/needs.ts';
import { changes, type Node } from '../../harness/node.ts';

class Injected extends Error {}

/** What happens on the host after the first of these steps, before ADD fails. */
const MEANWHILE: Readonly<Record<string, readonly [step: string, happens: (node: Node) => void]>> =
  {
    'so many notifications of links that some are lost': [
      'settings',
      ({ host }) => {
        host.exec('sh', '-c', 'seq -f "link set lo mtu 1%04g" 1000 | ip -batch -');
        host.exec('ip', 'link', 'set', 'lo', 'mtu', '65536');
      },
    ],
    'the pair goes away': [
      'port and gateway',
      ({ host }) => {
        const [{ ifname }] = host.ip<[{ ifname: string }]>('link', 'show', 'type', 'veth');
        host.exec('ip', 'link', 'del', ifname);
      },
    ],
  };

for (const [title, [step, happens]] of Object.entries(MEANWHILE)) {
  test.serial(`bridge ADD: failing leaves everything as it was although ${title}`, (t) => {
    const { node, container, untouched, call } = prepare(t, ADD_CASES[NEW_BRIDGE]!);
    const failing = call();
    const afterStep = (name: string): void => {
      if (name !== step) return;
      happens(node);
      throw new Injected(name);
    };
    t.throws(() => node.host.run(() => bridgeAdd(failing, { afterStep })), {
      instanceOf: Injected,
    });
    t.deepEqual(node.changes(untouched, container), []);
    t.deepEqual(failing.warnings, []);
  });
}

for (const [title, wanted] of Object.entries(ADD_CASES)) {
  const declare = wanted.needs === undefined ? test.serial : needs(...wanted.needs);
  declare(`bridge ADD: failing after any step leaves everything as it was: ${title}`, (t) => {
    walk(t, wanted);
  });
}

function walk(t: ExecutionContext, wanted: AddCase): void {
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
      node.host.run(() => bridgeAdd(call, { afterStep }));
    } catch (error) {
      if (!(error instanceof Injected)) throw error;
      t.deepEqual(node.changes(untouched, container), [], `after ${walked.at(-1)}`);
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
