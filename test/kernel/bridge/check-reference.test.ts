/**
 * CHECK of attachments that the reference made, by rules where ours has others: they pass, and what
 * is taken from them is told.
 */
import { resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { type CniResult, failed, freshNode, type Node, succeeded } from '../../harness/node.ts';
import { referencePlugin } from '../../harness/plugin.ts';

const FIXTURE = resolve(
  import.meta.dirname,
  '../../../fixtures/nftables/ruleset/reference-1.9.1.nft',
);

interface Scene {
  readonly node: Node;
  readonly config: Row;
  readonly call: { readonly netns: string };
  readonly prevResult: CniResult;
}

/** The first of the three attachments of the fixture, made by the reference. */
function attached(t: ExecutionContext, keys: Row): Scene {
  const node = freshNode(t);
  const addresses = ['10.1.2.2/24', 'fd00:1::2/64'].map((address) => ({ address }));
  const config = { ...node.config([]), ipam: { type: 'static', addresses }, ...keys };
  const call = { netns: freshNamespace(t).path };
  const prevResult = succeeded(node.call('ADD', config, call, referencePlugin('bridge')));
  return { node, config, call, prevResult };
}

const check = ({ node, config, call, prevResult }: Scene, keys: Row = {}) =>
  node.call('CHECK', { ...config, ...keys, prevResult }, call);

needs('iptables-nft', 'nftables-inet')(
  'bridge CHECK: iptables rules of the reference masquerade too',
  (t) => {
    const scene = attached(t, { ipMasq: true });
    t.is(check(scene).code, 0);
    t.is(check(scene, { ipMasqBackend: 'iptables' }).code, 0);
    t.regex(failed(check(scene, { ipMasqBackend: 'nftables' })).details!, /^nftables table /);
    scene.node.host.exec('iptables', '-w', '-t', 'nat', '-F', 'POSTROUTING');
    t.is(
      failed(check(scene)).details,
      'nftables table inet cni_netlink_ts is missing',
      'one of the families is left',
    );
  },
);

needs('nftables-inet')('bridge CHECK: nftables rules of the reference masquerade too', (t) => {
  const scene = attached(t, {});
  const { host } = scene.node;
  const missing = 'nftables table inet cni_netlink_ts is missing';
  for (const ipMasqBackend of [undefined, 'nftables']) {
    const keys = { ipMasq: true, ipMasqBackend };
    t.is(failed(check(scene, keys)).details, missing);
    host.exec('nft', '-f', FIXTURE);
    t.is(check(scene, keys).code, 0);
    host.exec('nft', 'flush', 'chain', 'inet', 'cni_plugins_masquerade', 'postrouting');
    t.is(failed(check(scene, keys)).details, missing);
    host.exec('nft', 'delete', 'table', 'inet', 'cni_plugins_masquerade');
  }
  host.exec('nft', '-f', FIXTURE);
  t.regex(failed(check(scene, { ipMasq: true, name: 'net2' })).details!, /is missing/);
});

needs('nftables-bridge')('bridge CHECK: rules of the reference are a spoof check too', (t) => {
  const scene = attached(t, { macspoofchk: true });
  const { host } = scene.node;
  t.is(check(scene).code, 0);
  const chain = 'cni-br-iface-c1-eth0-mac';
  host.exec('nft', 'insert', 'rule', 'bridge', 'nat', chain, 'accept');
  t.regex(failed(check(scene)).details!, /^lock of veth\w+ is false, expected true/);
  host.exec('nft', 'delete', 'table', 'bridge', 'nat');
  t.regex(failed(check(scene)).details!, /^lock of veth\w+ is false, expected true/);
});
