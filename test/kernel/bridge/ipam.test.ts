/**
 * The bridge plugin over address management by other executables: the reference's `static` and
 * `dhcp`, and programs that misbehave.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { bridgeAdd } from '../../harness/bridge-calls.ts';
import { invocation } from '../../plugins/invocation.ts';
import { SYSTEM_PATH } from '../../harness/program.ts';
import { foreignIpam } from '../../harness/foreign-ipam.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { failed, freshNode, succeeded } from '../../harness/node.ts';
import { ourPlugin, REFERENCE, referencePlugin } from '../../harness/plugin.ts';

const RESULT = JSON.stringify({
  cniVersion: '0.4.0',
  interfaces: [{ name: 'ignored0' }],
  ips: [{ version: '4', interface: 0, address: '10.88.0.7/24', gateway: '10.88.0.1' }],
  routes: [{ dst: '192.0.2.0/24' }],
  dns: { nameservers: ['192.0.2.53'] },
});

const foreign = (node: ReturnType<typeof freshNode>, keys: Row = {}): Row =>
  node.config([], { isGateway: true, ipam: { type: 'foreign', whatever: 1 }, ...keys });

test.serial(
  'bridge with a foreign IPAM: its addresses, routes and DNS are used, its interfaces are not',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const plugin = foreignIpam(t, `[ $CNI_COMMAND = ADD ] && echo '${RESULT}'; exit 0`);
    const call = { netns: container.path, path: plugin.path };
    const { ips, routes, dns, interfaces } = succeeded(node.call('ADD', foreign(node), call));
    t.deepEqual(ips, [{ address: '10.88.0.7/24', gateway: '10.88.0.1', interface: 2 }]);
    t.deepEqual(routes, [{ dst: '192.0.2.0/24' }]);
    t.deepEqual(dns, { nameservers: ['192.0.2.53'] });
    t.is(interfaces.length, 3);
    t.is(node.call('DEL', foreign(node), call).code, 0);
    t.is(plugin.log(), 'ADD c1 eth0\nDEL c1 eth0\n');
  },
);

test.serial(
  'bridge with a foreign IPAM: signals that are held back are not held back for it',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const plugin = foreignIpam(
      t,
      `[ $CNI_COMMAND = ADD ] || exit 0; grep SigBlk /proc/self/status >&2; echo '${RESULT}'`,
    );
    const call = { netns: container.path, path: plugin.path };
    const { stderr } = node.call('ADD', foreign(node), call);
    t.regex(stderr, /SigBlk:\t0+\n/);
  },
);

interface Misbehaviour {
  readonly script: string;
  readonly code: number;
  readonly msg: string | RegExp;
  /** What it is asked, one command a line. */
  readonly asked: string;
}

const AGAIN = 'ADD c1 eth0\nDEL c1 eth0\n';

const MISBEHAVIOUR: Readonly<Record<string, Misbehaviour>> = {
  'that fails with its own error': {
    script: `[ $CNI_COMMAND = ADD ] || exit 0; echo '{"code": 107, "msg": "no luck", "details": "at all"}'; exit 1`,
    code: 107,
    msg: 'no luck',
    asked: AGAIN,
  },
  'that fails without a word': {
    script: '[ $CNI_COMMAND = ADD ] || exit 0; exit 3',
    code: 999,
    msg: 'netplugin failed with no error message: exit status 3',
    asked: AGAIN,
  },
  'that fails with words on stderr': {
    script: '[ $CNI_COMMAND = ADD ] || exit 0; echo broken >&2; exit 1',
    code: 999,
    msg: /^netplugin failed: "broken\\n"/,
    asked: AGAIN,
  },
  'that answers garbage': {
    script: '[ $CNI_COMMAND = ADD ] && echo "hello, world"; exit 0',
    code: 6,
    msg: /^failed to unmarshal raw result: /,
    asked: AGAIN,
  },
  'that answers nothing': {
    script: 'exit 0',
    code: 6,
    msg: /^failed to unmarshal raw result: /,
    asked: AGAIN,
  },
  'that answers no addresses': {
    script: `[ $CNI_COMMAND = ADD ] && echo '{"cniVersion": "1.0.0"}'; exit 0`,
    code: 999,
    msg: 'IPAM plugin returned missing IP config',
    asked: AGAIN,
  },
  'that answers an invalid prefix': {
    script: `[ $CNI_COMMAND = ADD ] && echo '{"cniVersion": "1.0.0", "ips": [{"address": "10.88.0.7"}]}'; exit 0`,
    code: 6,
    msg: /invalid CIDR address: 10\.88\.0\.7/,
    asked: AGAIN,
  },
};

for (const [title, { script, code, msg, asked }] of Object.entries(MISBEHAVIOUR)) {
  test.serial(`bridge ADD with an IPAM ${title} fails, and leaves everything as it was`, (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const plugin = foreignIpam(t, script);
    const before = node.snapshot(container);
    const call = { netns: container.path, path: plugin.path };
    const error = failed(node.call('ADD', foreign(node), call));
    t.is(error.code, code);
    if (typeof msg === 'string') t.is(error.msg, msg);
    else t.regex(error.msg, msg);
    t.is(plugin.log(), asked);
    t.deepEqual(node.changes(before, container), []);
  });
}

test.serial('bridge ADD with an IPAM that hangs ends it, and leaves everything as it was', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const { path, log } = foreignIpam(t, '[ $CNI_COMMAND = ADD ] && exec sleep 600; exit 0');
  const before = node.snapshot(container);
  const netns = container.path;
  const told = { CNI_CONTAINERID: 'c1', CNI_NETNS: netns, CNI_IFNAME: 'eth0', CNI_PATH: path };
  const call = invocation(foreign(node), { netns, path, env: { PATH: SYSTEM_PATH, ...told } });
  // On a busy machine even its DEL may not be done in the first of these times.
  for (const seconds of [0.3, 3, 30]) {
    const delegate = { timeout: 1000 * seconds };
    const error = t.throws(() => node.host.run(() => bridgeAdd(call, { delegate })));
    t.regex(error.message, new RegExp(`/foreign did not finish ADD in ${seconds} s`));
    if (error.message.startsWith('netplugin failed: ') && log().endsWith(AGAIN)) break;
  }
  t.true(log().endsWith(AGAIN), log());
  t.deepEqual(node.changes(before, container), []);
});

test.serial('bridge ADD that fails after a foreign IPAM succeeded runs its DEL', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const before = node.snapshot(container);
  const unreachable = RESULT.replace(
    '{"dst":"192.0.2.0/24"}',
    '{"dst":"192.0.2.0/24","gw":"203.0.113.1"}',
  );
  t.not(unreachable, RESULT);
  const plugin = foreignIpam(t, `[ $CNI_COMMAND = ADD ] && echo '${unreachable}'; exit 0`);
  const call = { netns: container.path, path: plugin.path };
  t.regex(failed(node.call('ADD', foreign(node), call)).msg, /^failed to add route /);
  t.is(plugin.log(), AGAIN);
  t.deepEqual(node.changes(before, container), []);
});

test.serial('bridge DEL with an IPAM that fails removes the links and reports the error', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const plugin = foreignIpam(
    t,
    `[ $CNI_COMMAND = ADD ] && { echo '${RESULT}'; exit 0; }; echo '{"code": 11, "msg": "later"}'; exit 1`,
  );
  const call = { netns: container.path, path: plugin.path };
  succeeded(node.call('ADD', foreign(node), call));
  const error = failed(node.call('DEL', foreign(node), call));
  t.is(error.code, 11);
  t.is(error.msg, 'later');
  t.is(container.ip('link').length, 1);
});

test.serial("bridge with the reference's static as a foreign program answers as with ours", (t) => {
  const node = freshNode(t);
  // Under its own name it would be served in this process.
  const folder = mkdtempSync(join(tmpdir(), 'static-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'other-static'), `#!/bin/sh\nexec ${referencePlugin('static')}\n`, {
    mode: 0o755,
  });
  const addresses = [
    { address: '10.88.0.9/24', gateway: '10.88.0.1' },
    { address: 'fd88::9/64', gateway: 'fd88::1' },
  ];
  const answers = ['static', 'other-static'].map((type, i) => {
    const container = freshNamespace(t);
    const config = node.config([], { isDefaultGateway: true, ipam: { type, addresses } });
    const call = { netns: container.path, path: folder, containerId: `c${i}`, ifname: 'eth0' };
    const { ips, routes } = succeeded(node.call('ADD', config, call));
    succeeded({ ...node.call('DEL', config, call), json: {} });
    return { ips, routes };
  });
  t.deepEqual(answers[0], answers[1]);
});

test.serial(
  "bridge with the reference's dhcp reports that its daemon is not running, and leaves everything as it was",
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const before = node.snapshot(container);
    const config = node.config([], {
      ipam: { type: 'dhcp', daemonSocketPath: '/run/nobody.sock' },
    });
    const error = failed(node.call('ADD', config, { netns: container.path, path: REFERENCE }));
    t.regex(error.msg, /dial unix \/run\/nobody\.sock/);
    t.deepEqual(node.changes(before, container), []);
  },
);

test.serial(
  'bridge with an IPAM that gives one address twice sets it once, where the reference fails',
  (t) => {
    const ips = ['10.88.0.7/24', '10.88.0.7/24'].map((address) => ({ address }));
    const answer = JSON.stringify({ cniVersion: '1.0.0', ips });
    const { path } = foreignIpam(t, `[ $CNI_COMMAND = ADD ] && echo '${answer}'; exit 0`);
    const [ours, theirs] = [ourPlugin('bridge'), referencePlugin('bridge')].map((binary) => {
      const [node, container] = [freshNode(t), freshNamespace(t)];
      const output = node.call('ADD', foreign(node), { netns: container.path, path }, binary);
      return { ...output, addresses: container.exec('ip', '-o', '-4', 'addr') };
    });
    t.is(succeeded(ours!).ips.length, 2);
    t.is(ours!.addresses.match(/inet 10\.88\.0\.7\/24/g)?.length, 1);
    t.regex(failed(theirs!).msg, /file exists/);
  },
);

const ROUTES = {
  'a route that is null': [null],
  'a route with a negative MTU': [{ dst: '192.0.2.0/24', mtu: -1 }],
  'a route with a negative priority': [{ dst: '192.0.2.0/24', priority: -1 }],
};

for (const [title, routes] of Object.entries(ROUTES)) {
  test.serial(`bridge ADD refuses ${title}, at which the reference crashes or looks away`, (t) => {
    const [ours, theirs] = [ourPlugin('bridge'), referencePlugin('bridge')].map((binary) => {
      const [node, container] = [freshNode(t), freshNamespace(t)];
      const ipam = { type: 'host-local', dataDir: node.dataDir, subnet: '10.88.0.0/24', routes };
      return node.call('ADD', node.config([], { ipam }), { netns: container.path }, binary);
    });
    t.is(failed(ours!).code, 7);
    t.regex(failed(ours!).msg, /^ipam\.routes\[0\]/);
    t.is(theirs!.code, routes[0] === null ? 2 : 0);
  });
}
