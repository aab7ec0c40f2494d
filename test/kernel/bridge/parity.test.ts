/**
 * What the reference's own tests assert of ADD, CHECK and DEL of the bridge plugin
 * (plugins/main/bridge/bridge_test.go of containernetworking/plugins 1.10.0), for each version of
 * the specification and each mix of addresses.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { SUPPORTED_VERSIONS } from '../../../src/cni/version.ts';
import { eventually } from '../../harness/eventually.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { type CniResult, failed, freshNode, type Node, succeeded } from '../../harness/node.ts';

const V4 = '10.88.0.0/24';
const V6 = 'fd88::/64';

const MIXES: Readonly<Record<string, readonly string[]>> = {
  IPv4: [V4],
  IPv6: [V6],
  'both families': [V4, V6],
  'one IPv4 and two IPv6 ranges': [V4, V6, 'fd89::/64'],
};

interface Link extends Row {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link_index?: number;
  readonly link?: string;
  readonly address: string;
  readonly operstate: string;
  readonly master?: string;
  readonly linkinfo?: { info_kind?: string; info_slave_data?: { isolated?: boolean } };
}

interface Attached {
  readonly node: Node;
  readonly container: Namespace;
  readonly config: Row;
  readonly subnets: readonly string[];
  readonly result: CniResult & { ip4?: Row; ip6?: Row };
}

/** The first address of one of the subnets above. */
const gatewayOf = (subnet: string): string => subnet.replace(/0?\/\d+$/, '1');

function attach(
  t: ExecutionContext,
  subnets: readonly string[],
  keys: Row,
  prepare?: (node: Node, config: Row) => Row,
): Attached {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const plain = node.config(subnets, { isDefaultGateway: true, ...keys });
  const config = prepare?.(node, plain) ?? plain;
  const output = node.call('ADD', config, { netns: container.path });
  t.is(output.code, 0, output.stdout);
  const old = String(config['cniVersion']) < '0.3.0';
  t.true(output.stdout.includes(old ? '"ip":' : '"interfaces":'));
  return { node, container, config, subnets, result: output.json as Attached['result'] };
}

/** The links on the host and in the container, and that they are those of the result. */
function hasLinks(t: ExecutionContext, { node, container, result }: Attached, count: number): void {
  const host = node.host.ip<Link[]>('-d', 'link');
  t.is(host.length, count);
  const bridge = host.find(({ ifname }) => ifname === 'br0')!;
  t.is(bridge.linkinfo?.info_kind, 'bridge');
  // ADD waits for the other end; the kernel comes to this one a moment later.
  const own = eventually(
    () => container.ip<Link[]>('-d', 'link', 'show', 'dev', 'eth0')[0]!,
    ({ operstate }) => operstate === 'UP',
  );
  t.is(own.linkinfo?.info_kind, 'veth');
  t.is(own.operstate, 'UP');
  const port = host.find(({ ifindex }) => ifindex === own.link_index)!;
  t.is(port.linkinfo?.info_kind, 'veth');
  t.is(port.link_index, own.ifindex);
  t.is(port.master, 'br0');
  t.false(port.linkinfo?.info_slave_data?.isolated);
  t.not(port.address, bridge.address);
  if (!('interfaces' in result)) return;
  const told = result.interfaces.slice(0, 3);
  t.deepEqual(
    told.map(({ name }) => name),
    ['br0', port.ifname, 'eth0'],
  );
  t.deepEqual(
    told.map(({ mac }) => mac),
    [bridge.address, port.address, own.address],
  );
  t.deepEqual(
    told.map(({ sandbox }) => sandbox),
    [undefined, undefined, container.path],
  );
}

/** The addresses of the gateways and of the container, and the default routes. */
function hasAddresses(
  t: ExecutionContext,
  { node, container, subnets }: Attached,
  router: string,
): void {
  const of = (where: Namespace, dev: string, ...which: string[]): string[] =>
    [...where.exec('ip', '-o', ...which, 'addr', 'show', 'dev', dev).matchAll(/inet6? (\S+)/g)].map(
      ([, address]) => address!,
    );
  const onRouter = of(node.host, router);
  for (const subnet of subnets) {
    t.true(onRouter.includes(`${gatewayOf(subnet)}${subnet.slice(subnet.indexOf('/'))}`), subnet);
  }
  const [four, six] = [false, true].map((v6) =>
    subnets.filter((each) => each.includes(':') === v6),
  );
  t.is(of(container, 'eth0', '-4').length, four!.length);
  t.is(of(container, 'eth0', '-6').length, six!.length === 0 ? 0 : six!.length + 1);
  for (const [family, first] of [
    ['-4', four![0]],
    ['-6', six![0]],
  ] as const) {
    const routes = container.ip<Row[]>(family, 'route').filter(({ dst }) => dst === 'default');
    t.is(routes.length, first === undefined ? 0 : 1);
    if (first === undefined) continue;
    t.is(routes[0]!['gateway'], gatewayOf(first));
    t.is(routes[0]!['prefsrc'], undefined);
  }
}

/** CHECK where the version has one, and DEL, after which both ends are gone. */
function checkAndDelete(t: ExecutionContext, attached: Attached, left: readonly string[]): void {
  const { node, container, config, result } = attached;
  const call = { netns: container.path };
  const version = String(config['cniVersion']);
  if (version >= '0.4.0') {
    const { code, stdout } = node.call('CHECK', { ...config, prevResult: result }, call);
    t.is(code, 0, stdout);
  }
  t.is(node.call('DEL', config, call).code, 0);
  const names = (where: Namespace): string[] =>
    where.ip<Link[]>('link').map(({ ifname }) => ifname);
  t.deepEqual(names(container), ['lo']);
  t.deepEqual(names(node.host).sort(), ['br0', 'lo', ...left].sort());
  t.deepEqual(node.leases(), {});
}

for (const cniVersion of SUPPORTED_VERSIONS) {
  const isOld = cniVersion < '0.3.0';
  for (const [mix, subnets] of Object.entries(MIXES)) {
    if (isOld && subnets.length > 2) continue;
    test.serial(`bridge ${cniVersion}: ADD and DEL with default gateway: ${mix}`, (t) => {
      const attached = attach(t, subnets, { cniVersion });
      hasLinks(t, attached, 3);
      hasAddresses(t, attached, 'br0');
      checkAndDelete(t, attached, []);
    });
  }

  test.serial(`bridge ${cniVersion}: the name server of resolvConf is in the result`, (t) => {
    const attached = attach(t, [V4], { cniVersion }, (node, config) => {
      const resolvConf = join(node.dataDir, 'resolv');
      writeFileSync(resolvConf, 'nameserver 192.0.2.53\n');
      return { ...config, ipam: { ...(config['ipam'] as Row), resolvConf } };
    });
    t.deepEqual(attached.result.dns, { nameservers: ['192.0.2.53'] });
    checkAndDelete(t, attached, []);
  });

  for (const [title, keys] of Object.entries({
    plain: {},
    'VLAN 100': { vlan: 100 },
    'VLAN 100, the default one taken off': { vlan: 100, preserveDefaultVlan: false },
    'a trunk': { vlanTrunk: [{ id: 101 }, { minID: 200, maxID: 210 }] },
    'VLAN 100 and a trunk': { vlan: 100, vlanTrunk: [{ id: 101 }, { minID: 200, maxID: 210 }] },
  })) {
    const declare = isOld || title === 'plain' ? test.serial : needs('vlan-filtering');
    declare(`bridge ${cniVersion}: without addresses: ${title}`, (t) => {
      const node = freshNode(t);
      const container = freshNamespace(t);
      const config = node.config([], { cniVersion, ...keys });
      const output = node.call('ADD', config, { netns: container.path });
      if (isOld) {
        t.is(failed(output).msg, 'cannot convert: no valid IP addresses');
        t.is(node.host.ip('link').length, 1);
        return;
      }
      const result = succeeded(output);
      hasLinks(t, { node, container, config, subnets: [], result }, 3);
      checkAndDelete(t, { node, container, config, subnets: [], result }, []);
    });
  }

  if (isOld) {
    test.serial(
      `bridge ${cniVersion}: three subnets are refused by ADD, and no hindrance to DEL`,
      (t) => {
        const node = freshNode(t);
        const container = freshNamespace(t);
        const config = node.config(MIXES['one IPv4 and two IPv6 ranges']!, { cniVersion });
        const call = { netns: container.path };
        const msg = `CNI version ${cniVersion} does not support more than 1 address per family`;
        t.is(failed(node.call('ADD', config, call)).msg, msg);
        t.is(node.call('DEL', config, call).code, 0);
      },
    );
  }
}

for (const [mix, subnets] of Object.entries(MIXES)) {
  for (const preserveDefaultVlan of [undefined, false]) {
    const how = preserveDefaultVlan === false ? ', the default VLAN taken off by name' : '';
    needs('vlan-filtering')(`bridge VLAN 100 with default gateway: ${mix}${how}`, (t) => {
      const attached = attach(t, subnets, { vlan: 100, preserveDefaultVlan });
      hasLinks(t, attached, 5);
      hasAddresses(t, attached, 'br0.100');
      t.is(attached.result.interfaces.length, 4);
      const vlans =
        attached.node.host.bridge<{ ifname: string; vlans: { vlan: number }[] }[]>('vlan');
      const ports = vlans.filter(({ ifname }) => ifname.startsWith('veth'));
      t.is(ports.length, 2);
      for (const port of ports)
        t.deepEqual(
          port.vlans.map(({ vlan }) => vlan),
          [100],
        );
      const [router] = attached.node.host.ip<Link[]>('link', 'show', 'dev', 'br0.100');
      checkAndDelete(t, attached, ['br0.100', router!.link!]);
    });
  }
}
