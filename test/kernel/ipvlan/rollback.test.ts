/**
 * ADD of the ipvlan plugin is a transaction: made to fail after each of its steps, it leaves
 * everything as it was.
 */
import { existsSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { attach } from '../../../src/plugins/ipvlan/add.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { failed } from '../../harness/node.ts';
import { callForeign, invocation } from '../../plugins/invocation.ts';
import {
  addUplink,
  ipvlanNode,
  linkOf,
  linksOf,
  UPLINK,
  V4,
  V6,
} from '../../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy');

const STEPS = ['addresses', 'link', 'alias', 'settings', 'addresses and routes', 'commit'];

const CASES: Readonly<
  Record<string, { keys: Row; subnets: readonly string[]; foreign?: boolean; steps: string[] }>
> = {
  'both families': {
    keys: { mode: 'l3' },
    subnets: [V4, V6],
    steps: [...STEPS.slice(0, 3), 'net/ipv6/conf/lo/disable_ipv6', ...STEPS.slice(3)],
  },
  'the master in the container': { keys: { linkInContainer: true }, subnets: [V4], steps: STEPS },
  'addresses of another program': {
    keys: {},
    subnets: [V4],
    foreign: true,
    steps: ['link', 'alias', 'addresses', ...STEPS.slice(3)],
  },
  chained: {
    keys: { prevResult: { interfaces: [{ name: UPLINK }], ips: [{ address: '10.1.2.2/24' }] } },
    subnets: [],
    steps: STEPS.slice(1, -1),
  },
};

class Injected extends Error {}

for (const [title, { keys, subnets, foreign, steps }] of Object.entries(CASES)) {
  test(`ipvlan ADD: failing after any step leaves everything as it was: ${title}`, (t) => {
    t.deepEqual(walk(t, keys, subnets, foreign), steps);
  });
}

/** The names of the steps, each of which was made to fail. */
function walk(
  t: ExecutionContext,
  keys: Row,
  subnets: readonly string[],
  foreign = false,
): string[] {
  const node = ipvlanNode(t);
  const container = freshNamespace(t);
  container.exec('sysctl', '-qw', 'net.ipv6.conf.lo.disable_ipv6=1');
  if (keys['linkInContainer'] === true) addUplink(container, UPLINK);
  const config = node.config(keys, subnets);
  const environment = foreign ? callForeign(t, config, container.path) : {};
  const untouched = node.snapshot(container);
  const walked: string[] = [];
  for (let failing = 0; ; failing++) {
    let step = 0;
    const call = invocation(config, { netns: container.path, ...environment });
    const afterStep = (name: string): void => {
      if (step++ !== failing) return;
      walked.push(name);
      throw new Injected(name);
    };
    try {
      node.host.run(() => attach(call, { afterStep }));
    } catch (error) {
      if (!(error instanceof Injected)) throw error;
      t.deepEqual(node.changes(untouched, container), [], `after ${walked.at(-1)}`);
      t.deepEqual(call.warnings, [], `after ${walked.at(-1)}`);
      continue;
    }
    t.is(linkOf(container, 'eth0')?.linkinfo?.info_kind, 'ipvlan');
    return walked;
  }
}

const unreachable = {
  type: 'host-local',
  ranges: [[{ subnet: V4 }]],
  routes: [{ dst: '192.0.2.0/24', gw: '203.0.113.1' }],
};

test('ipvlan ADD: a route that fails releases link and lease, where the reference keeps both', (t) => {
  const node = ipvlanNode(t);
  const config = node.config({ ipam: { ...unreachable, dataDir: node.dataDir } });
  const leases = (): string[] => Object.keys(node.leases()).filter((name) => /\/10\./.test(name));
  const theirs = freshNamespace(t);
  failed(node.reference('ADD', config, { netns: theirs.path, containerId: 'theirs' }));
  t.is(linksOf(theirs).length, 2);
  t.deepEqual(leases(), ['net1/10.88.0.2']);
  const ours = freshNamespace(t);
  failed(node.call('ADD', config, { netns: ours.path, containerId: 'ours' }));
  t.is(linksOf(ours).length, 1);
  t.deepEqual(leases(), ['net1/10.88.0.2']);
});

test('ipvlan ADD: a taken CNI_IFNAME is left alone, where the reference leaves a link of a random name', (t) => {
  const node = ipvlanNode(t);
  const taken = (): ReturnType<typeof freshNamespace> => {
    const container = freshNamespace(t);
    container.exec('ip', 'link', 'add', 'eth0', 'type', 'dummy');
    return container;
  };
  const [theirs, ours] = [taken(), taken()];
  failed(node.reference('ADD', node.config(), { netns: theirs.path }));
  t.is(linksOf(theirs).filter(({ ifname }) => ifname.startsWith('veth')).length, 1);
  failed(node.call('ADD', node.config(), { netns: ours.path }));
  t.deepEqual(
    linksOf(ours).map(({ ifname }) => ifname),
    ['lo', 'eth0'],
  );
  // The runtime calls DEL after an ADD that failed.
  t.is(node.call('DEL', node.config(), { netns: ours.path }).code, 0);
  t.is(linkOf(ours, 'eth0')?.linkinfo?.info_kind, 'dummy');
  t.true(existsSync(ours.path));
});
