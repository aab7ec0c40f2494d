/**
 * ADD of the ipvlan plugin while one single thing goes wrong: each message that it sends over
 * netlink is refused in turn, each call on files fails in turn. It fails and everything is as it
 * was, or it does without and the attachment is complete.
 */
import { setImmediate } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { attach } from '../../../src/plugins/ipvlan/add.ts';
import { check } from '../../../src/plugins/ipvlan/check.ts';
import { RTM_NEWNSID } from '../../../src/rtnl/constants.ts';
import { failedFileCall, type Fault, refusedMessage } from '../../harness/faults.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { invocation } from '../../plugins/invocation.ts';
import {
  addUplink,
  ipvlanNode,
  UPLINK,
  V4,
  V6,
  type IpvlanNode,
} from '../../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy', 'ipv6');

interface Case {
  readonly keys: Row;
  readonly subnets: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  'both families in mode l3': { keys: { mode: 'l3' }, subnets: [V4, V6] },
  'the master in the container': { keys: { linkInContainer: true }, subnets: [V4] },
  'chained, without a configured master': {
    keys: {
      master: undefined,
      prevResult: { interfaces: [{ name: UPLINK }], ips: [{ address: '10.1.2.2/24' }] },
    },
    subnets: [],
  },
};

interface Scene {
  readonly node: IpvlanNode;
  readonly container: Namespace;
  readonly config: Row;
  readonly untouched: string[];
}

function prepare(t: ExecutionContext, { keys, subnets }: Case): Scene {
  const node = ipvlanNode(t);
  const container = freshNamespace(t);
  if (keys['linkInContainer'] === true) addUplink(container, UPLINK);
  return {
    node,
    container,
    config: node.config(keys, subnets),
    untouched: node.snapshot(container),
  };
}

interface Met {
  readonly undone: string[];
  /** Without which the attachment is complete all the same. */
  readonly spared: string[];
}

/** Makes one thing after the other go wrong until there is none left. */
async function walk(t: ExecutionContext, wanted: Case, fault: Fault): Promise<Met> {
  // What a test before this one came to is told while this one waits.
  await setImmediate();
  const met: Met = { undone: [], spared: [] };
  let scene = prepare(t, wanted);
  for (let ordinal = 1; ; ordinal++) {
    const { node, container, config, untouched } = scene;
    const call = invocation(config, { netns: container.path });
    const attempt = node.host.run(() => fault(ordinal, () => attach(call)));
    const what = attempt.met ?? 'nothing';
    if (attempt.error === undefined) {
      isComplete(t, scene, call.printed, what);
      if (attempt.met === undefined) return met;
      met.spared.push(what);
      scene = prepare(t, wanted);
      continue;
    }
    t.not(attempt.met, undefined, String(attempt.error));
    met.undone.push(what);
    t.deepEqual(call.printed, [], what);
    t.deepEqual(node.changes(untouched, container), [], what);
    t.deepEqual(call.warnings, [], what);
  }
}

/** CHECK finds what ADD told. */
function isComplete(
  t: ExecutionContext,
  { node, container, config }: Scene,
  printed: readonly string[],
  without: string,
): void {
  t.is(printed.length, 1, without);
  const prevResult: unknown = JSON.parse(printed[0]!);
  const call = invocation({ ...config, prevResult }, { netns: container.path });
  t.notThrows(() => node.host.run(() => check(call)), without);
}

for (const [title, wanted] of Object.entries(CASES)) {
  test(`ipvlan ADD: a refused message leaves everything as it was: ${title}`, async (t) => {
    const { undone, spared } = await walk(t, wanted, refusedMessage);
    t.log(`${undone.length} messages; ${spared.length} that it does without: ${spared.join('; ')}`);
    t.true(undone.length >= 7);
    // The number of the namespace is for a DEL without a path, nothing else.
    t.deepEqual(
      spared.map((what) => what.replace(/^message \d+, /, '')),
      [`of type ${RTM_NEWNSID}`],
    );
  });
}

test('ipvlan ADD: a failing call on files leaves everything as it was', async (t) => {
  // What IPAM does with files is the same as for a bridge.
  const wanted = CASES['chained, without a configured master']!;
  const { undone, spared } = await walk(t, wanted, failedFileCall);
  t.log(`${undone.length} calls: ${undone.join('; ')}`);
  t.true(undone.length >= 10);
  // When ADD ended is for a GC that had started before, and where it cannot be written ADD goes on.
  t.deepEqual(
    spared.map((what) => what.replace(/\d+/, 'N')),
    ['openSync(/run/netlink-ts/netN:c1:eth0)', 'futimesSync(N)', 'closeSync(N)'],
  );
});
