/**
 * What podman, buildah, containerd, libcni and apptainer send, word for word as a shim in front of
 * the plugins logged it; `npm run test:clients` runs the programs themselves.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  freshNamespace,
  type Namespace,
  type Row,
  type Teardown,
} from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { freshNode, type Node, succeeded } from '../../harness/node.ts';
import { execPlugin, ourPlugin, type PluginCall, type PluginOutput } from '../../harness/plugin.ts';
import { addUplink, UPLINK } from '../../plugins/ipvlan/node.ts';

const SUBNETS = ['10.88.0.0/24', 'fd88::/64'];
const ID = '4f5b1d7e9c3a20688ab1d4f5e6c7a8b94f5b1d7e9c3a20688ab1d4f5e6c7a8b9';

interface Host extends Node {
  readonly conf: Row;
  send(command: PluginCall['command'], call: Partial<PluginCall>, keys?: Row): PluginOutput;
}

const KINDS = {
  bridge: { keys: { isGateway: true }, prepare: () => undefined },
  ipvlan: {
    keys: { type: 'ipvlan', master: UPLINK, bridge: undefined },
    prepare: (host: Namespace) => addUplink(host, UPLINK),
  },
} as const;

function hostFor(t: Teardown, kind: keyof typeof KINDS): Host {
  const { keys, prepare } = KINDS[kind];
  const node = freshNode(t);
  prepare(node.host);
  const conf = node.config(SUBNETS, { cniVersion: '1.1.0', ...keys });
  const send: Host['send'] = (command, call, more = {}) =>
    node.call(command, { ...conf, ...more }, call, ourPlugin(kind));
  return { ...node, conf, send };
}

const names = (where: Namespace): string[] =>
  where
    .ip<{ ifname: string }[]>('link')
    .map(({ ifname }) => ifname)
    .sort();

/** The container is as it was, and so is the host but for the bridge. */
const isGone = (host: Host, container: Namespace): boolean =>
  names(container).join() === 'lo' &&
  !names(host.host).some((name) => name.startsWith('veth')) &&
  Object.keys(host.leases()).every((name) => !/\/(10\.|fd)/.test(name));

/** By nf_tables, or by iptables where there is none. */
const rules = ({ host }: Host): string =>
  host.exec('sh', '-c', 'nft list ruleset; iptables -w -t nat -S 2>/dev/null; true');

for (const plugin of ['bridge', 'ipvlan', 'loopback', 'host-local', 'static']) {
  needs()(`runtimes: podman asks ${plugin} for its versions with dummies`, (t) => {
    const dummy = { netns: 'dummy', ifname: 'dummy', path: 'dummy' };
    const stdin = '{"cniVersion":"1.0.0"}';
    const call = { command: 'VERSION', containerId: '', ...dummy } as const;
    const { code, json } = execPlugin(ourPlugin(plugin), call, stdin);
    t.is(code, 0);
    t.true((json as { supportedVersions: string[] }).supportedVersions.includes('1.0.0'));
  });
}

for (const kind of ['bridge', 'ipvlan'] as const) {
  const on = kind === 'ipvlan' ? needs('ipvlan', 'dummy') : needs('bridge', 'veth');

  on(`runtimes: ${kind} under podman: addresses and MAC by CNI_ARGS, DEL from conmon`, (t) => {
    const host = hostFor(t, kind);
    const container = freshNamespace(t);
    const mac = kind === 'bridge' ? ';MAC=02:aa:bb:cc:dd:01' : '';
    const args = `IgnoreUnknown=1;K8S_POD_NAME=web${mac};IP=10.88.0.77`;
    const call = { containerId: ID, netns: container.path, args };
    const result = succeeded(host.send('ADD', call));
    t.is(result.ips[0]!.address, '10.88.0.77/24');
    if (kind === 'bridge') t.is(result.interfaces[2]!.mac, '02:aa:bb:cc:dd:01');
    // conmon calls podman with these and nothing else.
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: '/root',
      XDG_RUNTIME_DIR: '',
      CONTAINERS_CONF: '/etc/containers/containers.conf',
    };
    t.is(host.send('DEL', { ...call, env }, { prevResult: result }).code, 0);
    t.true(isGone(host, container));
  });

  on(
    `runtimes: ${kind} under podman: two addresses by runtimeConfig, without prefix lengths`,
    (t) => {
      const host = hostFor(t, kind);
      const container = freshNamespace(t);
      const ips = ['10.88.0.50', 'fd88::50'];
      const result = succeeded(
        host.send('ADD', { netns: container.path }, { runtimeConfig: { ips } }),
      );
      t.deepEqual(
        result.ips.map(({ address }) => address),
        ['10.88.0.50/24', 'fd88::50/64'],
      );
    },
  );

  on(`runtimes: ${kind} under podman: network reload is DEL and ADD with what there was`, (t) => {
    const host = hostFor(t, kind);
    const container = freshNamespace(t);
    const call = { containerId: ID, netns: container.path };
    const first = succeeded(host.send('ADD', call));
    const [address, mac] = [first.ips[0]!.address, first.interfaces.at(-1)!.mac];
    t.is(host.send('DEL', call, { prevResult: first }).code, 0);
    const macArgs = kind === 'bridge' ? `;MAC=${mac}` : '';
    const args = `IgnoreUnknown=1;K8S_POD_NAME=web${macArgs};IP=${address.split('/')[0]}`;
    const second = succeeded(host.send('ADD', { ...call, args }));
    t.is(second.ips[0]!.address, address);
    t.is(second.interfaces.at(-1)!.mac, mac);
  });

  on(`runtimes: ${kind} under buildah: the namespace is a descriptor of the caller`, (t) => {
    const host = hostFor(t, kind);
    const container = freshNamespace(t);
    const holder = openSync(container.path, 'r');
    t.teardown(() => closeSync(holder));
    const netns = `/proc/${process.pid}/fd/${holder}`;
    const args = 'IgnoreUnknown=1;K8S_POD_NAME=buildah-buildah1417286397';
    const call = { containerId: 'buildah-buildah1417286397', netns, args };
    const result = succeeded(host.send('ADD', call));
    t.is(result.interfaces.at(-1)!.sandbox, netns);
    t.is(host.send('CHECK', call, { prevResult: result }).code, 0);
    t.is(host.send('DEL', call, { prevResult: result }).code, 0);
    t.true(isGone(host, container));
  });

  on(`runtimes: ${kind} under ctr: the namespace is that of a process, none at DEL`, (t) => {
    const host = hostFor(t, kind);
    const container = freshNamespace(t);
    const task = container.run(() => spawn('sleep', ['100'], { stdio: 'ignore' }));
    t.teardown(() => void task.kill());
    const call = { containerId: 'default-web', netns: `/proc/${task.pid}/ns/net` };
    const keys = kind === 'bridge' ? { ipMasq: true } : {};
    succeeded(host.send('ADD', call, keys));
    t.true(names(container).includes('eth0'));
    t.is(rules(host).includes('10.88.0.2'), kind === 'bridge');
    for (const round of ['once', 'again']) {
      t.is(host.send('DEL', { ...call, netns: '' }, keys).code, 0, round);
      t.true(isGone(host, container), round);
      t.false(rules(host).includes('10.88.0.2'), round);
    }
  });

  on(`runtimes: ${kind} under a kubelet: CNI_ARGS in any order, DEL twice`, (t) => {
    const host = hostFor(t, kind);
    const pairs = [
      'IgnoreUnknown=1',
      'K8S_POD_NAMESPACE=default',
      'K8S_POD_NAME=web-0',
      `K8S_POD_INFRA_CONTAINER_ID=${ID}`,
      'K8S_POD_UID=5f0b8e0e-4c0d-4b62-9b4e-0d8f2f3f7c11',
    ];
    for (const order of [pairs, pairs.toReversed()]) {
      const container = freshNamespace(t);
      const args = order.join(';');
      const call = { containerId: ID, netns: container.path, args };
      const result = succeeded(host.send('ADD', call));
      t.is(host.send('DEL', call, { prevResult: result }).code, 0);
      t.is(host.send('DEL', { ...call, netns: '' }).code, 0);
      t.true(isGone(host, container), args);
    }
  });

  on(`runtimes: ${kind} under libcni: GC has its list under two keys, or null`, (t) => {
    const host = hostFor(t, kind);
    const containers = [freshNamespace(t), freshNamespace(t)];
    for (const [i, { path }] of containers.entries())
      succeeded(host.send('ADD', { containerId: `c${i}`, netns: path }));
    const nobody = { containerId: '', netns: '', ifname: '', args: '' };
    const gc = (list: unknown): number =>
      host.send('GC', nobody, { 'cni.dev/attachments': list, 'cni.dev/valid-attachments': list })
        .code;
    t.is(gc([{ containerID: 'c1', ifname: 'eth0' }]), 0);
    t.deepEqual(containers.map(names), [['lo'], ['eth0', 'lo']]);
    t.is(gc(null), 0);
    for (const container of containers) t.true(isGone(host, container));
  });

  on(`runtimes: ${kind} under apptainer: one path for the namespace of every container`, (t) => {
    const host = hostFor(t, kind);
    const containers = [freshNamespace(t), freshNamespace(t)];
    const netns = join(host.dataDir, 'session-netns');
    // Each container sees its own there, as it has its own mounts.
    const send = (command: PluginCall['command'], turn: number): number => {
      rmSync(netns, { force: true });
      symlinkSync(containers[turn]!.path, netns);
      const args = 'IgnoreUnknown=1';
      return host.send(command, { containerId: `${37 + turn}`, netns, args, cwd: '/' }).code;
    };
    for (const turn of [0, 1]) t.is(send('ADD', turn), 0);
    t.is(send('DEL', 0), 0);
    t.deepEqual(containers.map(names), [['lo'], ['eth0', 'lo']]);
    t.is(send('DEL', 1), 0);
    for (const container of containers) t.true(isGone(host, container));
  });
}

needs()('runtimes: loopback under a kubelet: version 0.3.1, DEL twice', (t) => {
  const { call } = freshNode(t);
  const container = freshNamespace(t);
  const conf = { cniVersion: '0.3.1', name: 'cni-loopback', type: 'loopback' };
  const args = 'K8S_POD_NAME=web-0;IgnoreUnknown=1;K8S_POD_NAMESPACE=default';
  const send = (command: PluginCall['command'], netns: string): number =>
    call(command, conf, { netns, args, ifname: 'lo', containerId: ID }, ourPlugin('loopback')).code;
  t.is(send('ADD', container.path), 0);
  t.true(container.ip<{ flags: string[] }[]>('link')[0]!.flags.includes('UP'));
  t.is(send('DEL', container.path), 0);
  t.is(send('DEL', ''), 0);
});
