/**
 * ADD, CHECK and DEL of the ipvlan plugin in the situations that the reference's own tests walk
 * through: the master on the host and in the container, with IPAM, chained, and without a
 * configured master; in every spec version.
 */
import type { ExecutionContext } from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { succeeded } from '../../harness/node.ts';
import {
  addressesOf,
  addUplink,
  ipvlanNode,
  linkOf,
  UPLINK,
  type IpvlanNode,
} from '../../plugins/ipvlan/node.ts';

const test = needs('ipvlan', 'dummy');

interface Situation {
  readonly title: string;
  /** Prepares the namespace of the master, and returns the configuration of ADD. */
  prepare(node: IpvlanNode, home: Namespace): Row;
  readonly address: string;
}

const SITUATIONS: readonly Situation[] = [
  { title: 'host-local', prepare: (node) => node.config(), address: '10.88.0.2/24' },
  {
    title: 'chained without IPAM',
    prepare: (node) =>
      node.config(
        {
          master: undefined,
          prevResult: {
            interfaces: [{ name: UPLINK }],
            ips: [{ address: '10.1.2.2/24', gateway: '10.1.2.1', interface: 0 }],
            routes: [],
          },
        },
        [],
      ),
    address: '10.1.2.2/24',
  },
  {
    title: 'the link of the default route',
    prepare: (node, home) => {
      home.exec('ip', 'addr', 'add', '10.99.0.9/24', 'dev', UPLINK);
      home.exec('ip', 'route', 'add', 'default', 'via', '10.99.0.1');
      return node.config({ master: undefined });
    },
    address: '10.88.0.2/24',
  },
];

for (const linkInContainer of [false, true]) {
  for (const situation of SITUATIONS) {
    const where = linkInContainer ? 'master in the container' : 'master on the host';
    test(`ipvlan: ADD, CHECK and DEL: ${situation.title}, ${where}`, (t) => {
      const node = ipvlanNode(t);
      const container = freshNamespace(t);
      const home = linkInContainer ? container : node.host;
      if (linkInContainer) {
        node.host.exec('ip', 'link', 'del', UPLINK);
        addUplink(container, UPLINK);
      }
      const config = { ...situation.prepare(node, home), linkInContainer };
      walk(t, node, container, config, situation.address);
    });
  }
}

function walk(
  t: ExecutionContext,
  node: IpvlanNode,
  container: Namespace,
  config: Row,
  address: string,
): void {
  const call = { netns: container.path, ifname: 'ipvl0' };
  const result = succeeded(node.call('ADD', config, call));
  t.is(result.interfaces.length, 1);
  t.is(result.ips.length, 1);
  t.is(result.ips[0]!.address, address);
  t.is(result.ips[0]!.interface, 0);
  const link = linkOf(container, 'ipvl0');
  t.is(link?.linkinfo?.info_kind, 'ipvlan');
  t.like(link?.linkinfo?.info_data, { mode: 'l2' });
  t.is(link?.mtu, 1500);
  t.deepEqual(result.interfaces[0], {
    name: 'ipvl0',
    mac: link!.address,
    sandbox: container.path,
  });
  t.deepEqual(addressesOf(container, 'ipvl0'), [address]);
  const later = { ...config, master: UPLINK, prevResult: result };
  const checked = node.call('CHECK', later, call);
  t.is(checked.code, 0, checked.stdout);
  t.is(checked.stdout, '');
  for (const again of ['DEL', 'DEL once more']) {
    const gone = node.call('DEL', later, call);
    t.is(gone.code, 0, `${again}: ${gone.stdout}`);
    t.is(linkOf(container, 'ipvl0'), undefined);
  }
}

for (const cniVersion of ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']) {
  test(`ipvlan: ADD, CHECK, STATUS and DEL as version ${cniVersion} has them`, (t) => {
    const node = ipvlanNode(t);
    const config = node.config({ cniVersion });
    const container = freshNamespace(t);
    const call = { netns: container.path };
    const ours = node.call('ADD', config, call);
    t.is(ours.code, 0, ours.stdout);
    const result = ours.json as Row;
    t.is(result['cniVersion'], cniVersion);
    if (cniVersion < '0.3') {
      t.deepEqual(result['ip4'], { ip: '10.88.0.2/24', gateway: '10.88.0.1' });
      t.is(result['interfaces'], undefined);
    } else {
      const { version } = (result['ips'] as Row[])[0]!;
      t.is(version, cniVersion < '1' ? '4' : undefined);
      t.like((result['interfaces'] as Row[])[0], { name: 'eth0', sandbox: container.path });
    }
    const later = { ...config, prevResult: result };
    const checked = node.call('CHECK', later, call);
    const tooOld = { code: 1, msg: 'config version does not allow CHECK' };
    if (cniVersion < '0.4') t.like(checked.json, tooOld);
    else t.is(checked.code, 0, checked.stdout);
    const asked = node.call('STATUS', config, {});
    if (cniVersion < '1.1') t.like(asked.json, { msg: 'config version does not allow STATUS' });
    else t.is(asked.code, 0, asked.stdout);
    t.is(node.call('DEL', later, call).code, 0);
    t.is(linkOf(container, 'eth0'), undefined);
    t.deepEqual(
      Object.keys(node.leases()).filter((name) => /\/10\./.test(name)),
      [],
    );
  });
}

test('ipvlan: DEL of what was never attached succeeds', (t) => {
  const node = ipvlanNode(t);
  const container = freshNamespace(t);
  t.is(node.call('DEL', node.config(), { netns: container.path }).code, 0);
});

test('ipvlan: VERSION names all versions', (t) => {
  const { json } = ipvlanNode(t).call('VERSION', {});
  const supportedVersions = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'];
  t.deepEqual(json, { cniVersion: '1.1.0', supportedVersions });
});
