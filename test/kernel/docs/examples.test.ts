/** Every example runs to its end in a namespace of its own and says what it should. */
import { globSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import test from 'ava';
import type { Feature } from '../../harness/features.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../../examples');

/** By name: what the output holds, and what it takes. */
const EXPECTED: Readonly<Record<string, readonly [says: RegExp, ...features: Feature[]]>> = {
  'list-addresses': [/^lo /m],
  'bridge-with-veth': [/^ports: port0$/m, 'bridge', 'veth', 'ipv6'],
  ensure: [/^made: true true true true\nmade: false false false false$/m, 'dummy'],
  'watch-links': [/^new \d+ news0\n(new \d+ news0\n)*del \d+ news0$/m, 'dummy'],
  'wait-for-address': [/^ready: 2001:db8::1\/64$/m, 'dummy', 'ipv6'],
  namespaces: [/^default 192\.0\.2\.1\n192\.0\.2\.0\/24 on link$/m, 'veth'],
  errors: [/^code: ERANGE\nattribute: IFLA_IFNAME\naccepted: \S+ of 0\.\.1[56] bytes$/m],
  'multipath-route': [/^2 192\.0\.2\.13$/m, 'dummy'],
  'stream-routes': [/^10\.0\.1\.3 500$/m, 'dummy'],
  'generic-netlink': [/^groups: monitor\nlo has no carrier$/m],
  'yaml-family': [
    /^operations: linkstate-get\nlo has no carrier\nETHTOOL_MSG_LINKSTATE_GET\/ETHTOOL_A_LINKSTATE_HEADER\/ETHTOOL_A_HEADER_DEV_NAME: 5 is not text$/m,
  ],
  'top-talkers': [/^127\.0\.0\.1:\d+ sent 100000 bytes, rtt \d+ µs, \w+$/m],
  'flush-conntrack': [
    /^udp 192\.0\.2\.1:5000 203\.0\.113\.9:53\nflushed: 1, left: 1$/m,
    'conntrack',
  ],
  'wireguard-peer': [
    /^the key is ours: true, port 51820\n192\.0\.2\.7:51820 10\.8\.0\.7\/32 10\.9\.0\.0\/16$/m,
    'wireguard',
  ],
  'ring-sizes': [/^(no link has rings|.+: rx \d+ → \d+, tx \d+ → \d+)$/m],
  'mirror-and-drop': [/^10 ip flower gact\n20 all matchall mirred$/m, 'veth', 'tc-filters'],
  'bad-network': [/^netem: 20000 µs, 1 %$/m, 'tc-kinds'],
  'destroy-sockets': [/^destroyed: 1\nclient: ECONNABORTED$/m, 'inet-destroy'],
  'decode-bytes': [/^the same bytes again: true$/m],
};

test('examples: each has its expectation here', (t) => {
  const names = globSync('*.ts', { cwd: EXAMPLES }).map((name) => basename(name, '.ts'));
  t.deepEqual(names.sort(), Object.keys(EXPECTED).sort());
});

for (const [name, [says, ...features]] of Object.entries(EXPECTED)) {
  needs(...features)(`examples: ${name}`, (t) => {
    const output = freshNamespace(t).exec(process.execPath, resolve(EXAMPLES, `${name}.ts`));
    t.regex(output, says);
  });
}
