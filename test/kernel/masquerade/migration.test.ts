/**
 * A node that moves to us and back: what the reference leaves is taken away by ours, and the other
 * way round.
 */
import { openNftables } from '../../../src/nftables/open.ts';
import { iptablesMasquerade } from '../../../src/plugins/masquerade/iptables.ts';
import { resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { removeMasquerade } from '../../harness/bridge-calls.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { execPlugin, ourPlugin, referencePlugin, type PluginCall } from '../../harness/plugin.ts';

const FIXTURE = resolve(
  import.meta.dirname,
  '../../../fixtures/nftables/ruleset/reference-1.9.1.nft',
);
const ADDRESSES = ['10.1.2.2/24', 'fd00:1::2/64'];
const entry = { network: 'net1', containerId: 'c1', ifname: 'eth0', addresses: ADDRESSES };

const config = (ipMasq: boolean) => ({
  cniVersion: '0.4.0',
  name: 'net1',
  type: 'bridge',
  bridge: 'cni0',
  isGateway: true,
  ipMasq,
  ipam: { type: 'static', addresses: ADDRESSES.map((address) => ({ address })) },
});

function reference(t: ExecutionContext, host: Namespace, call: PluginCall, ipMasq: boolean): void {
  const run = host.run(() => execPlugin(referencePlugin('bridge'), call, config(ipMasq)));
  t.is(run.code, 0, run.stdout);
}

/** Rules of the nat tables that have to do with us. */
const nat = (host: Namespace): string[] =>
  ['iptables-save', 'ip6tables-save'].flatMap((program) =>
    host
      .exec(program, '-t', 'nat')
      .split('\n')
      .filter((line) => line.includes('CNI-')),
  );

const iptables = needs('iptables-nft', 'nftables-inet', 'bridge', 'veth');

iptables('migration: ADD by the reference with iptables, DEL by ours, nothing is left', (t) => {
  const [host, container] = [freshNamespace(t), freshNamespace(t)];
  const call = { containerId: 'c1', ifname: 'eth0', netns: container.path };
  reference(t, host, { ...call, command: 'ADD' }, true);
  t.is(nat(host).length, 8);
  using nft = openNftables({ netns: host.path });
  host.run(() => removeMasquerade(nft, entry));
  t.deepEqual(nat(host), []);
});

for (const shared of ['with nothing of ours', 'beside the rules of another attachment of ours']) {
  iptables(`migration: DEL as a program finds what the reference left, ${shared}`, (t) => {
    const [host, container] = [freshNamespace(t), freshNamespace(t)];
    const call = { containerId: 'c1', ifname: 'eth0', netns: container.path };
    reference(t, host, { ...call, command: 'ADD' }, true);
    if (shared !== 'with nothing of ours') {
      const other = { ...call, ifname: 'eth1', command: 'ADD' } as const;
      const network = {
        ...config(true),
        ipam: { type: 'static', addresses: [{ address: '10.1.2.9/24' }] },
      };
      t.is(host.run(() => execPlugin(ourPlugin('bridge'), other, network)).code, 0);
    }
    // Keys match in any case, so that the network may have to be looked for by reading on.
    for (const keys of [{}, { name: undefined, NAME: 'net1' }]) {
      const network = { ...config(true), ...keys };
      const run = host.run(() =>
        execPlugin(ourPlugin('bridge'), { ...call, command: 'DEL' }, network),
      );
      t.is(run.code, 0, run.stdout);
      t.deepEqual(nat(host), []);
      reference(t, host, { ...call, command: 'ADD' }, true);
      t.is(nat(host).length, 8);
    }
  });
}

iptables('migration: DEL as a program leaves the rules of others in the same tables', (t) => {
  const [host, container] = [freshNamespace(t), freshNamespace(t)];
  const call = { containerId: 'c1', ifname: 'eth0', netns: container.path };
  host.exec('iptables', '-w', '-t', 'nat', '-A', 'POSTROUTING', '-s', '10.9.9.9', '-j', 'ACCEPT');
  const before = host.exec('nft', 'list', 'ruleset');
  for (const command of ['ADD', 'DEL'] as const) {
    const run = host.run(() => execPlugin(ourPlugin('bridge'), { ...call, command }, config(true)));
    t.is(run.code, 0, run.stdout);
  }
  t.is(host.exec('nft', 'list', 'ruleset'), before);
});

iptables('migration: the rules of ours with iptables are the rules of the reference', (t) => {
  const rules = [true, false].map((byReference) => {
    const [host, container] = [freshNamespace(t), freshNamespace(t)];
    const call = { containerId: 'c1', ifname: 'eth0', netns: container.path };
    reference(t, host, { ...call, command: 'ADD' }, byReference);
    if (!byReference) host.run(() => iptablesMasquerade().add(entry));
    return nat(host);
  });
  t.is(rules[0]!.length, 8);
  t.deepEqual(rules[1], rules[0]);
});

iptables('migration: ADD by ours with iptables, DEL by the reference, nothing is left', (t) => {
  const [host, container] = [freshNamespace(t), freshNamespace(t)];
  const call = { containerId: 'c1', ifname: 'eth0', netns: container.path };
  reference(t, host, { ...call, command: 'ADD' }, false);
  host.run(() => iptablesMasquerade().add(entry));
  t.is(nat(host).length, 8);
  reference(t, host, { ...call, command: 'DEL' }, true);
  t.deepEqual(nat(host), []);
});

iptables('migration: iptables, ADD twice, its inverse, and rules of others', (t) => {
  const host = freshNamespace(t);
  host.exec(
    'iptables',
    '-w',
    '-t',
    'nat',
    '-A',
    'POSTROUTING',
    '-s',
    '10.9.9.9',
    '-j',
    'MASQUERADE',
  );
  const before = host.exec('iptables-save', '-t', 'nat').replace(/^#.*$|\[.*\]/gm, '');
  host.run(() => {
    const undo = iptablesMasquerade().add(entry);
    iptablesMasquerade().add(entry);
    t.is(nat(host).length, 8);
    t.deepEqual(iptablesMasquerade().check(entry), []);
    undo();
    t.is(iptablesMasquerade().check(entry).length, 6);
  });
  const after = host.exec('iptables-save', '-t', 'nat').replace(/^#.*$|\[.*\]/gm, '');
  t.is(after, before);
});

iptables(
  'migration: two attachments of one container share a chain, the first DEL leaves the second its rules',
  (t) => {
    const host = freshNamespace(t);
    const second = { ...entry, ifname: 'eth1', addresses: ['10.1.2.9/24'] };
    using nft = openNftables({ netns: host.path });
    host.run(() => {
      iptablesMasquerade().add(entry);
      iptablesMasquerade().add(second);
      removeMasquerade(nft, entry);
      t.deepEqual(iptablesMasquerade().check(second), []);
      removeMasquerade(nft, second);
    });
    t.deepEqual(nat(host), []);
  },
);

const legacy = needs('iptables-legacy', 'ip6tables-legacy');

legacy('migration: what iptables-legacy holds is taken away too', (t) => {
  const host = freshNamespace(t);
  const chain = 'CNI-c2d892b58e87e28a12fe6479';
  for (const [program, rule] of [
    ['iptables-legacy', '-s 10.1.2.2'],
    ['ip6tables-legacy', '-s fd00:1::2'],
  ] as const) {
    host.exec(
      'sh',
      '-c',
      `${program} -w -t nat -N ${chain} && ${program} -w -t nat -A POSTROUTING ${rule} -j ${chain}`,
    );
  }
  host.run(() => iptablesMasquerade().del(entry));
  for (const program of ['iptables-legacy-save', 'ip6tables-legacy-save']) {
    t.false(host.exec(program, '-t', 'nat').includes('CNI-'));
  }
});

needs('nftables-inet')(
  'migration: what the reference left with nftables is taken away by ours, and only that',
  (t) => {
    const host = freshNamespace(t);
    host.exec('nft', '-f', FIXTURE);
    const before = host.exec('nft', 'list', 'ruleset').split('\n');
    using nft = openNftables({ netns: host.path });
    host.run(() => removeMasquerade(nft, entry));
    const after = host.exec('nft', 'list', 'ruleset').split('\n');
    t.deepEqual(
      after,
      before.filter((line) => !line.includes('net: net1, if: eth0, id: c1')),
    );
    t.is(before.length - after.length, 2);
  },
);
