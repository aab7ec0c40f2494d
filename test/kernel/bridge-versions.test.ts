/** The bridge plugin in all versions of the specification: shapes, commands, and the oddities that runtimes send. */
import { closeSync, openSync } from 'node:fs';
import test from 'ava';
import { SUPPORTED_VERSIONS } from '../../src/plugins/cni/version.ts';
import { freshNamespace, type Row } from '../harness/namespace.ts';
import { failed, freshNode, succeeded } from '../harness/node.ts';
import { execPlugin, ourPlugin } from '../harness/plugin.ts';

const BOTH = ['10.88.0.0/24', 'fd88::/64'];

for (const cniVersion of SUPPORTED_VERSIONS) {
  const isOld = cniVersion < '0.3.0';
  test.serial(`bridge ${cniVersion}: ADD, CHECK where there is one, DEL`, (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const config = node.config(BOTH, { isDefaultGateway: true, cniVersion });
    const call = { netns: container.path };
    const added = node.call('ADD', config, call);
    t.is(added.code, 0, added.stdout);
    const result = added.json as Row;
    t.is(result['cniVersion'], cniVersion);
    if (isOld) {
      t.deepEqual(result['ip4'], {
        ip: '10.88.0.2/24',
        gateway: '10.88.0.1',
        routes: [{ dst: '0.0.0.0/0', gw: '10.88.0.1' }],
      });
      t.is((result['ip6'] as Row)['ip'], 'fd88::2/64');
      t.false('interfaces' in result);
    } else {
      const interfaces = result['interfaces'] as { name: string; mac: string; sandbox?: string }[];
      t.deepEqual(
        interfaces.map(({ name }) => name.replace(/^veth.*/, 'veth')),
        ['br0', 'veth', 'eth0'],
      );
      for (const { mac } of interfaces) t.is(mac.length, 17);
      t.deepEqual(
        interfaces.map(({ sandbox }) => sandbox),
        [undefined, undefined, container.path],
      );
      const [first] = result['ips'] as Row[];
      t.is(first!['version'], cniVersion < '1.0.0' ? '4' : undefined);
    }
    const check = node.call('CHECK', { ...config, prevResult: result }, call);
    if (cniVersion >= '0.4.0') t.is(check.code, 0, check.stdout);
    else t.is(failed(check).msg, 'config version does not allow CHECK');
    const withResult = cniVersion >= '0.4.0' ? { ...config, prevResult: result } : config;
    t.is(node.call('DEL', withResult, call).code, 0);
    t.deepEqual(node.leases(), {});
  });

  test.serial(
    `bridge ${cniVersion}: without addresses ${isOld ? 'ADD is refused at once' : 'there are interfaces only'}`,
    (t) => {
      const node = freshNode(t);
      const container = freshNamespace(t);
      const output = node.call('ADD', node.config([], { cniVersion }), { netns: container.path });
      if (!isOld) {
        t.is(succeeded(output).interfaces.length, 3);
        return;
      }
      t.is(failed(output).msg, 'cannot convert: no valid IP addresses');
      t.is(node.host.ip('link').length, 1);
    },
  );
}

test.serial('bridge: keys match without regard to case, the last of two counts', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const ranges = JSON.stringify([[{ Subnet: '10.88.0.0/24' }]]);
  const text = `{"CNIVersion":"1.0.0","NAME":"net1","Bridge":"wrong0","BRIDGE":"br0","isgateway":true,
    "IPAM":{"Type":"host-local","DataDir":${JSON.stringify(node.dataDir)},"RANGES":${ranges}}}`;
  const result = succeeded(node.call('ADD', text, { netns: container.path }));
  t.is(result.interfaces[0]!.name, 'br0');
  t.is(result.ips[0]!.gateway, '10.88.0.1');
});

test.serial('bridge: VERSION answers with no document, and with what runtimes put there', (t) => {
  const expected =
    '{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}\n';
  for (const stdin of ['', '{"cniVersion":"1.1.0"}', 'nonsense']) {
    const output = execPlugin(
      ourPlugin('bridge'),
      { command: 'VERSION', containerId: 'dummy', netns: 'dummy', ifname: 'dummy', path: 'dummy' },
      stdin,
    );
    t.is(output.code, 0);
    t.is(output.stdout, expected);
  }
});

test.serial(
  'bridge: the namespace may be a descriptor of another process, as podman gives it',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const holder = openSync(container.path, 'r');
    t.teardown(() => closeSync(holder));
    const netns = `/proc/${process.pid}/fd/${holder}`;
    const config = node.config(['10.88.0.0/24']);
    const result = succeeded(node.call('ADD', config, { netns }));
    t.is(result.interfaces[2]!.sandbox, netns);
    t.is(container.ip('link').length, 2);
    t.is(node.call('DEL', config, { netns }).code, 0);
    t.is(container.ip('link').length, 1);
  },
);

test.serial('bridge: CNI_ARGS as runtimes send them, in any order', (t) => {
  const node = freshNode(t);
  const pairs = [
    'IgnoreUnknown=1',
    'K8S_POD_NAMESPACE=default',
    'K8S_POD_NAME=web-0',
    'K8S_POD_INFRA_CONTAINER_ID=c1',
    'K8S_POD_UID=4f5b1d7e',
  ];
  for (const [i, args] of [pairs, [...pairs].reverse()].entries()) {
    const container = freshNamespace(t);
    const call = { netns: container.path, containerId: `c${i}`, args: args.join(';') };
    t.is(succeeded(node.call('ADD', node.config(['10.88.0.0/24']), call)).ips.length, 1);
  }
});
