/**
 * Rows of docs/compatibility.md that no other test is about: the same call with the reference's
 * executable and with ours, and what each answers or leaves. The title is the row's first cell.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { type CniFailure, type CniResult, freshNode, type Node } from '../../harness/node.ts';
import { execPlugin, ourPlugin, type PluginOutput, referencePlugin } from '../../harness/plugin.ts';

const PAGE = readFileSync(
  resolve(import.meta.dirname, '../../../docs/compatibility.md'),
  'utf8',
).replace(/ +/g, ' ');

/** An implementation on a node of its own. */
interface Side {
  readonly node: Node;
  readonly container: Namespace;
  readonly dataDir: string;
  /** Executes `host-local`; `keys` are added to the configuration, `ipam` to that key of it. */
  lease(command: Command, keys?: Row, ipam?: Row, id?: string): PluginOutput;
  /** Executes `bridge` for the container. */
  bridge(command: Command, config: unknown, call?: Row): PluginOutput;
}

type Command = 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'GC';
type Outcome = string | number | boolean | readonly string[] | undefined;

function sideOf(t: ExecutionContext, isOurs: boolean): Side {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const dataDir = mkdtempSync(join(tmpdir(), 'rows-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const binary = (name: string): string => (isOurs ? ourPlugin(name) : referencePlugin(name));
  const own = { cniVersion: '1.1.0', name: 'net', type: 'host-local' };
  const given = { type: 'host-local', dataDir, ranges: [[{ subnet: '10.1.2.0/29' }]] };
  return {
    node,
    container,
    dataDir,
    lease: (command, keys = {}, ipam = {}, id = 'a') =>
      node.host.run(() =>
        execPlugin(
          binary('host-local'),
          { command, containerId: id, ifname: 'eth0', netns: '/run/netns/none' },
          { ...own, ipam: { ...given, ...ipam }, ...keys },
        ),
      ),
    bridge: (command, config, call = {}) =>
      node.call(command, config, { netns: container.path, ...call }, binary('bridge')),
  };
}

/** A row, what the reference does and what ours does. */
function row(
  title: string,
  expected: { reference: Outcome; ours: Outcome },
  outcome: (side: Side) => Outcome,
  kinds = needs(),
): void {
  kinds(`compatibility: ${title}`, (t) => {
    t.true(PAGE.includes(`| ${title} |`), 'it is not a row of docs/compatibility.md');
    t.deepEqual(outcome(sideOf(t, false)), expected.reference);
    t.deepEqual(outcome(sideOf(t, true)), expected.ours);
  });
}

const bridgeRow = (
  title: string,
  expected: { reference: Outcome; ours: Outcome },
  outcome: (side: Side) => Outcome,
): void => row(title, expected, outcome, needs('bridge', 'veth'));

const codeOf = ({ code, json }: PluginOutput): number =>
  code === 0 ? 0 : (json as CniFailure).code;
const leases = ({ dataDir }: Side): string[] =>
  readdirSync(join(dataDir, 'net')).filter((name) => /^[0-9]|README/.test(name));
const write = ({ dataDir }: Side, name: string, content: string): void => {
  mkdirSync(join(dataDir, 'net'), { recursive: true });
  writeFileSync(join(dataDir, 'net', name), content);
};
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const staticIpam = (address: string, more: Row = {}): Row => ({
  ipam: { type: 'static', addresses: [{ address }], ...more },
});
const NOBODY = { 'cni.dev/valid-attachments': [] };
const prevResult = { cniVersion: '1.1.0', ips: [{ address: '10.1.2.2/29' }] };
const hasLink = ({ node }: Side, name: string): boolean =>
  node.host.ip('link').some(({ ifname }) => ifname === name);

row(
  'CHECK and DEL of a network without lease directory',
  { reference: true, ours: false },
  (side) => {
    side.lease('CHECK', { prevResult });
    side.lease('DEL');
    return existsSync(join(side.dataDir, 'net'));
  },
);
row('no directory of the network', { reference: true, ours: false }, (side) => {
  side.lease('GC', NOBODY);
  return existsSync(join(side.dataDir, 'net'));
});
row(
  'a regular file that is no lease, such as `README`',
  { reference: [], ours: ['README'] },
  (side) => {
    write(side, 'README', 'about leases');
    side.lease('GC', NOBODY);
    return leases(side);
  },
);
row('only `cni.dev/attachments`, the older name', { reference: [], ours: ['10.1.2.2'] }, (side) => {
  side.lease('ADD');
  side.lease('GC', { 'cni.dev/attachments': [{ containerID: 'a', ifname: 'eth0' }] });
  return leases(side);
});
row('no `cni.dev/valid-attachments`', { reference: ['0'], ours: ['7', '10.1.2.2'] }, (side) => {
  side.lease('ADD');
  return [String(codeOf(side.lease('GC'))), ...leases(side)];
});
row('a list that contains `null`', { reference: ['0'], ours: ['7', '10.1.2.2'] }, (side) => {
  side.lease('ADD');
  const code = codeOf(side.lease('GC', { 'cni.dev/valid-attachments': [null] }));
  return [String(code), ...leases(side)];
});
row(
  'ranges or `CNI_ARGS` that ADD would refuse',
  { reference: ['999', '10.1.2.2'], ours: ['0'] },
  (side) => {
    side.lease('ADD');
    const code = codeOf(side.lease('GC', NOBODY, { ranges: [[{ subnet: '10.1.2.1/29' }]] }));
    return [String(code), ...leases(side)];
  },
);
row('host-local: /31 and /32 subnets', { reference: ['999', '999'], ours: ['0', '0'] }, (side) =>
  ['10.1.2.0/31', '10.1.9.9/32'].map((subnet) =>
    String(codeOf(side.lease('ADD', {}, { ranges: [[{ subnet }]] }, subnet.slice(-2)))),
  ),
);
row(
  'host-local: directories and lock',
  { reference: ['755', '750'], ours: ['700', '600'] },
  (side) => {
    side.lease('ADD');
    return [join(side.dataDir, 'net'), join(side.dataDir, 'net/lock')].map(modeOf);
  },
);
row('host-local: `rangeStart` above `rangeEnd`', { reference: false, ours: true }, (side) => {
  const range = { subnet: '10.1.2.0/24', rangeStart: '10.1.2.9', rangeEnd: '10.1.2.5' };
  const { code, json } = side.lease('ADD', {}, { ranges: [[range]] });
  return code === 1 && (json as CniFailure).msg.includes('is after RangeEnd');
});
row(
  'host-local: lease files of a crash, empty or zeros',
  { reference: '10.1.2.4/29', ours: '10.1.2.2/29' },
  (side) => {
    write(side, '10.1.2.2', '');
    write(side, '10.1.2.3', '\0\0\0\0');
    return (side.lease('ADD').json as CniResult).ips[0]!.address;
  },
);
row('a range set is used up', { reference: ['0', '0'], ours: ['0', '50'] }, (side) => {
  for (const id of 'abcdef') side.lease('ADD', {}, {}, id);
  return [{}, { unavailableWhenFull: true }].map((ipam) =>
    String(codeOf(side.lease('STATUS', {}, ipam))),
  );
});
bridgeRow('unknown key with `strict: true`', { reference: 0, ours: 2 }, (side) =>
  codeOf(side.bridge('ADD', side.node.config(['10.88.0.0/24'], { strict: true, isGatway: true }))),
);
bridgeRow('error object', { reference: false, ours: true }, ({ bridge, node }) => {
  const { json } = bridge('ADD', node.config([], { vlan: 5000 }));
  return 'cniVersion' in (json as object);
});
bridgeRow(
  'a complete list (`.conflist`) in place of one of its plugins',
  { reference: 0, ours: 7 },
  ({ bridge, node }) => {
    const { cniVersion, name, ...plugin } = node.config(['10.88.0.0/24']);
    return codeOf(bridge('ADD', { cniVersion, name, plugins: [plugin] }));
  },
);
bridgeRow(
  'result without addresses for 0.1.0 and 0.2.0',
  { reference: ['999', 'left'], ours: ['1', 'nothing'] },
  (side) => {
    const code = codeOf(side.bridge('ADD', side.node.config([], { cniVersion: '0.2.0' })));
    return [String(code), hasLink(side, 'br0') ? 'left' : 'nothing'];
  },
);
bridgeRow(
  '`isDefaultGateway` and a default route of IPAM without router',
  { reference: 999, ours: 0 },
  ({ bridge, node }) => {
    const ipam = staticIpam('10.88.0.5/24', { routes: [{ dst: '0.0.0.0/0' }] });
    return codeOf(bridge('ADD', node.config([], { isDefaultGateway: true, ...ipam })));
  },
);
bridgeRow('IPAM gives one address twice', { reference: 999, ours: 0 }, ({ bridge, node }) => {
  const each = { address: '10.88.0.5/24' };
  const ipam = { type: 'static', addresses: [each, each] };
  return codeOf(bridge('ADD', node.config([], { ipam })));
});
for (const [title, mtu] of [
  ['`mtu` from 1 to 67', 67],
  ['`mtu` above 65535', 65536],
] as const) {
  bridgeRow(title, { reference: 999, ours: 7 }, ({ bridge, node }) =>
    codeOf(bridge('ADD', node.config(['10.88.0.0/24'], { mtu }))),
  );
}
bridgeRow(
  '`ipam.routes`: negative `mtu`, `advmss` or `priority`',
  { reference: ['0', '0', '0'], ours: ['7', '7', '7'] },
  ({ bridge, node }) =>
    ['mtu', 'advmss', 'priority'].map((key, i) => {
      const ipam = staticIpam('10.88.0.5/24', { routes: [{ dst: '192.0.2.0/24', [key]: -1 }] });
      return String(codeOf(bridge('ADD', node.config([], ipam), { ifname: `eth${i}` })));
    }),
);
bridgeRow(
  '`ipam` with keys but without `type`',
  { reference: ['0', 'silent'], ours: ['0', 'reported'] },
  ({ bridge, node }) => {
    const { code, stderr } = bridge('ADD', node.config([], { ipam: { subnet: '10.88.0.0/24' } }));
    return [String(code), stderr.includes('ipam has no type') ? 'reported' : 'silent'];
  },
);
bridgeRow(
  '`bridge` is an alternative name of the bridge',
  { reference: 999, ours: 0 },
  ({ bridge, node }) => {
    node.host.exec('ip', 'link', 'add', 'real0', 'type', 'bridge');
    node.host.exec('ip', 'link', 'property', 'add', 'dev', 'real0', 'altname', 'br0');
    const config = node.config(['10.88.0.0/24']);
    return codeOf(bridge('CHECK', { ...config, prevResult: bridge('ADD', config).json }));
  },
);
bridgeRow('IPv4 /32', { reference: 999, ours: 0 }, ({ bridge, node }) => {
  const config = node.config([], staticIpam('10.88.0.5/32'));
  return codeOf(bridge('CHECK', { ...config, prevResult: bridge('ADD', config).json }));
});
bridgeRow(
  'interface of another plugin before ours in `prevResult`',
  { reference: 999, ours: 0 },
  ({ bridge, node }) => {
    const config = node.config(['10.88.0.0/24']);
    const result = bridge('ADD', config).json as CniResult;
    const interfaces = [{ name: 'other0', mac: '02:00:00:00:00:01' }, ...result.interfaces];
    return codeOf(bridge('CHECK', { ...config, prevResult: { ...result, interfaces } }));
  },
);
bridgeRow(
  '`CNI_NETNS` a file that is not a network namespace',
  { reference: 999, ours: 0 },
  ({ bridge, node }) =>
    codeOf(bridge('DEL', node.config(['10.88.0.0/24']), { netns: '/etc/passwd' })),
);
bridgeRow(
  'the interface is no veth pair, or its other end is a port of another bridge',
  { reference: false, ours: true },
  ({ bridge, node, container }) => {
    container.exec('ip', 'link', 'add', 'eth0', 'type', 'bridge');
    bridge('DEL', node.config(['10.88.0.0/24']));
    return container.ip('link').some(({ ifname }) => ifname === 'eth0');
  },
);
bridgeRow(
  "a gateway address that conflicts with the bridge's other addresses, no `forceAddress`",
  { reference: 0, ours: 50 },
  ({ bridge, node }) => {
    node.host.exec('ip', 'link', 'add', 'br0', 'type', 'bridge');
    node.host.exec('ip', 'addr', 'add', '10.88.0.9/24', 'dev', 'br0');
    const config = node.config(['10.88.0.0/24'], { cniVersion: '1.1.0', isGateway: true });
    return codeOf(bridge('STATUS', config));
  },
);
