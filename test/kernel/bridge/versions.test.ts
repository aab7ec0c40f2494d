/** The bridge plugin in all versions of the specification: shapes and commands. */
import test from 'ava';
import { SUPPORTED_VERSIONS } from '../../../src/cni/version.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { failed, freshNode, succeeded } from '../../harness/node.ts';
import { execPlugin, ourPlugin } from '../../harness/plugin.ts';

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

test.serial('bridge: VERSION answers with no document, and with any', (t) => {
  const expected =
    '{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}\n';
  for (const stdin of ['', '{"cniVersion":"1.1.0"}', 'nonsense']) {
    const output = execPlugin(ourPlugin('bridge'), { command: 'VERSION' }, stdin);
    t.is(output.code, 0);
    t.is(output.stdout, expected);
  }
});
