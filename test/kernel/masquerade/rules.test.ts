/**
 * Masquerade by nf_tables: what stands in the kernel after ADD, DEL, GC and CHECK, read back with
 * nft.
 */
import { EOPNOTSUPP, ETIMEDOUT } from '../../../src/sys/errno.ts';
import { connect, TRANSACTION } from '../../../src/netlink/connection.ts';
import { netlinkError } from '../../../src/errors.ts';
import { type CniError, PLUGIN_NOT_AVAILABLE } from '../../../src/cni/errors.ts';
import { ruleText } from '../../../src/nftables/rules/print-rule.ts';
import * as change from '../../../src/nftables/index.ts';
import { nftables } from '../../../src/nftables/nf-tables.ts';
import { openNftables } from '../../../src/nftables/open.ts';
import { masqueradeForAdd } from '../../../src/plugins/masquerade/masquerade.ts';
import { iptablesMasquerade } from '../../../src/plugins/masquerade/iptables.ts';
import { ownerOf } from '../../../src/plugins/masquerade/rule-names.ts';
import { nftablesMasquerade, wholeMasquerade } from '../../../src/plugins/masquerade/nftables.ts';
import { collect } from '../../../src/plugins/masquerade/remove.ts';
import { removeMasquerade } from '../../harness/bridge-calls.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const inet = needs('nftables-inet');

const entry = (containerId: string, ...addresses: string[]) => ({
  network: 'net1',
  containerId,
  ifname: 'eth0',
  addresses,
});

const ruleset = (ns: Namespace): string => ns.exec('nft', 'list', 'ruleset');

const GOLDEN = `table inet cni_netlink_ts {
	comment "masquerade of container networks, kept by netlink-ts"
	set ip_net1_10.1.2.0/24 {
		type ipv4_addr
		elements = { 10.1.2.2 comment "net1/c1/eth0", 10.1.2.3 comment "net1/c2/eth0" }
	}

	set ip6_net1_fd00-1--/64 {
		type ipv6_addr
		elements = { fd00:1::2 comment "net1/c1/eth0" }
	}

	chain postrouting {
		type nat hook postrouting priority 1000; policy accept;
		ip saddr @ip_net1_10.1.2.0/24 ip daddr != 10.1.2.0/24 ip daddr != 224.0.0.0/4 masquerade
		ip6 saddr @ip6_net1_fd00-1--/64 ip6 daddr != fd00:1::/64 ip6 daddr != ff00::/8 masquerade
	}
}
`;

/** The order of elements in a hash set is the kernel's. */
const sorted = (text: string): string =>
  text.replace(/elements = \{ (.*?) \}/gs, (_, list: string) => {
    const elements = list.split(',').map((each) => each.trim());
    return `elements = { ${elements.sort().join(', ')} }`;
  });

inet('masquerade: two attachments are a table that a person can read', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const masquerade = nftablesMasquerade(nft);
  masquerade.add(entry('c1', '10.1.2.2/24', 'fd00:1::2/64'));
  masquerade.add(entry('c2', '10.1.2.3/24'));
  t.is(sorted(ruleset(ns)), GOLDEN);
  t.deepEqual(masquerade.check(entry('c1', '10.1.2.2/24', 'fd00:1::2/64')), []);
});

inet('masquerade: what nft lists nft can load again', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  nftablesMasquerade(nft).add(entry('c1', '10.1.2.2/24', 'fd00:1::2/64'));
  const saved = ruleset(ns);
  ns.exec(
    'sh',
    '-c',
    'nft list ruleset > /tmp/$$.nft; nft flush ruleset; nft -f /tmp/$$.nft; rm /tmp/$$.nft',
  );
  t.is(ruleset(ns), saved);
  t.deepEqual(nftablesMasquerade(nft).check(entry('c1', '10.1.2.2/24', 'fd00:1::2/64')), []);
});

inet('masquerade: the last DEL leaves nothing, the others only what is not theirs', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const masquerade = nftablesMasquerade(nft);
  masquerade.add(entry('c1', '10.1.2.2/24', 'fd00:1::2/64'));
  masquerade.add(entry('c2', '10.1.2.3/24'));
  masquerade.del(entry('c1', '10.1.2.2/24', 'fd00:1::2/64'));
  t.false(ruleset(ns).includes('ip6_net1'));
  t.true(ruleset(ns).includes('net1/c2/eth0'));
  masquerade.del(entry('c1', '10.1.2.2/24', 'fd00:1::2/64'));
  masquerade.del(entry('c2', '10.1.2.3/24'));
  t.is(ruleset(ns), '');
  masquerade.del(entry('c2', '10.1.2.3/24'));
});

inet('masquerade: DEL finds what it owns without addresses, and with wrong ones', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const masquerade = nftablesMasquerade(nft);
  masquerade.add(entry('c1', '10.1.2.2/24', 'fd00:1::2/64'));
  masquerade.del(entry('c1'));
  t.is(ruleset(ns), '');
  masquerade.add(entry('c1', '10.1.2.2/24'));
  masquerade.del(entry('c1', '10.9.9.9/24'));
  t.is(ruleset(ns), '');
});

inet('masquerade: ADD twice is ADD once, and its inverse takes away only what it added', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const masquerade = nftablesMasquerade(nft);
  masquerade.add(entry('c1', '10.1.2.2/24'));
  const once = ruleset(ns);
  const undo = masquerade.add(entry('c1', '10.1.2.2/24', '10.2.0.2/16'));
  undo();
  t.is(ruleset(ns), once);
  masquerade.add(entry('c1', '10.1.2.2/24'))();
  t.is(ruleset(ns), once);
});

inet(
  "masquerade: an address that was somebody else's is the new owner's, whatever the old one does",
  (t) => {
    const ns = freshNamespace(t);
    using nft = openNftables({ netns: ns.path });
    const masquerade = nftablesMasquerade(nft);
    masquerade.add(entry('old', '10.1.2.2/24'));
    masquerade.add(entry('new', '10.1.2.2/24'));
    masquerade.del(entry('old', '10.1.2.2/24'));
    t.deepEqual(masquerade.check(entry('new', '10.1.2.2/24')), []);
    t.deepEqual(masquerade.check(entry('old', '10.1.2.2/24')), [
      '10.1.2.2 in the nftables set ip_net1_10.1.2.0/24 belongs to "net1/new/eth0"',
    ]);
  },
);

inet('masquerade: two networks with the same subnet and address do not meet', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const masquerade = nftablesMasquerade(nft);
  const other = { ...entry('c2', '10.1.2.2/24'), network: 'net_2' };
  masquerade.add(entry('c1', '10.1.2.2/24'));
  masquerade.add(other);
  collect(nft, 'net_2', () => new Set());
  t.deepEqual(masquerade.check(entry('c1', '10.1.2.2/24')), []);
  t.false(ruleset(ns).includes('net_2'));
});

inet('masquerade: GC keeps the valid attachments of the network, and other networks', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const masquerade = nftablesMasquerade(nft);
  for (let i = 2; i < 12; i++) masquerade.add(entry(`c${i}`, `10.1.2.${i}/24`, `fd00::${i}/64`));
  masquerade.add({ ...entry('x', '10.1.2.2/24'), network: 'net10' });
  const kept = [entry('c5'), entry('c6'), entry('unknown')].map(ownerOf);
  collect(nft, 'net1', () => new Set(kept));
  t.deepEqual(masquerade.check(entry('c5', '10.1.2.5/24', 'fd00::5/64')), []);
  t.is(
    nft.elements.list({ family: 'inet', table: 'cni_netlink_ts', name: 'ip_net1_10.1.2.0/24' })
      .length,
    2,
  );
  collect(nft, 'net1', () => new Set());
  t.false(ruleset(ns).includes('net1/'));
  t.true(ruleset(ns).includes('net10/x/eth0'));
});

inet(
  'masquerade: after nft flush ruleset CHECK complains and ADD restores it, with the others it knows of',
  (t) => {
    const ns = freshNamespace(t);
    using nft = openNftables({ netns: ns.path });
    const masquerade = nftablesMasquerade(nft);
    masquerade.add(entry('c1', '10.1.2.2/24', 'fd00:1::2/64'));
    ns.exec('nft', 'flush', 'ruleset');
    t.deepEqual(masquerade.check(entry('c1', '10.1.2.2/24')), [
      'nftables table inet cni_netlink_ts is missing',
    ]);
    masquerade.add(entry('c2', '10.1.2.3/24'), () => [entry('c1', '10.1.2.2/24', 'fd00:1::2/64')]);
    t.is(sorted(ruleset(ns)), GOLDEN);
  },
);

for (const [what, command] of [
  ['the chain is flushed', 'nft flush chain inet cni_netlink_ts postrouting'],
  ['the chain is deleted', 'nft delete chain inet cni_netlink_ts postrouting'],
] as const) {
  inet(`masquerade: when ${what} CHECK complains and the next ADD mends it`, (t) => {
    const ns = freshNamespace(t);
    using nft = openNftables({ netns: ns.path });
    const masquerade = nftablesMasquerade(nft);
    masquerade.add(entry('c1', '10.1.2.2/24', 'fd00:1::2/64'));
    ns.exec('sh', '-c', command);
    t.not(masquerade.check(entry('c1', '10.1.2.2/24')).length, 0);
    masquerade.add(entry('c2', '10.1.2.3/24'));
    t.is(sorted(ruleset(ns)), GOLDEN);
  });
}

needs('nftables-inet', 'iptables-nft')(
  'masquerade: a kernel that has nf_tables without the inet family masquerades by iptables',
  (t) => {
    const ns = freshNamespace(t);
    using nft = openNftables({ netns: ns.path });
    const refused = netlinkError(EOPNOTSUPP, 'NFT_MSG_NEWTABLE');
    const without = { ...nft, [TRANSACTION]: () => [refused] };
    const added = entry('c1', '10.1.2.2/24');
    ns.run(() => {
      const undo = masqueradeForAdd(without).add(added);
      t.deepEqual(iptablesMasquerade().check(added), []);
      undo();
      t.is(iptablesMasquerade().check(added).length, 3);
      const error = t.throws(() => masqueradeForAdd(without, 'nftables').add(added));
      t.is((error as CniError).code, PLUGIN_NOT_AVAILABLE);
    });
  },
);

inet('masquerade: what is no lack of nf_tables is told, and no reason for iptables', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const refused = netlinkError(ETIMEDOUT, 'recv');
  const busy = { ...nft, [TRANSACTION]: () => [refused] };
  const added = entry('c1', '10.1.2.2/24');
  for (const wanted of [undefined, 'nftables']) {
    t.is(
      t.throws(() => masqueradeForAdd(busy, wanted).add(added)),
      refused,
    );
  }
  t.is(
    t.throws(() => wholeMasquerade(busy)),
    refused,
  );
});

inet('masquerade: as many addresses as anybody likes, in as many subnets', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const addresses = Array.from({ length: 600 }, (_, i) => `10.${i % 200}.2.${2 + (i % 7)}/24`);
  const crowd = entry('c1', ...new Set(addresses));
  const masquerade = nftablesMasquerade(nft);
  masquerade.add(crowd);
  t.deepEqual(masquerade.check(crowd), []);
  masquerade.del(crowd);
  t.is(ruleset(ns), '');
});

inet('masquerade: tables of others stay as they are', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const masquerade = nftablesMasquerade(nft);
  ns.exec(
    'nft',
    'add table ip nat; add chain ip nat POSTROUTING { type nat hook postrouting priority srcnat; }; add rule ip nat POSTROUTING ip saddr 10.1.2.2 counter; add table inet cni_other; add set inet cni_other s { type ipv4_addr; elements = { 10.1.2.2 }; }',
  );
  const before = ruleset(ns);
  t.is(wholeMasquerade(nft).name, 'nftables');
  masquerade.add(entry('c1', '10.1.2.2/24'));
  collect(nft, 'net1', () => new Set());
  removeMasquerade(nft, entry('c1', '10.1.2.2/24'));
  t.is(ruleset(ns), before);
});

inet(
  'masquerade: a network with several subnets lets each address through to its own only',
  (t) => {
    const ns = freshNamespace(t);
    using nft = openNftables({ netns: ns.path });
    nftablesMasquerade(nft).add(entry('c1', '10.1.2.2/24', '10.2.0.2/16'));
    t.deepEqual(
      nft.rules.list().map((rule) => ruleText(rule)),
      [
        'ip saddr @ip_net1_10.1.2.0/24 ip daddr != 10.1.2.0/24 ip daddr != 224.0.0.0/4 masquerade',
        'ip saddr @ip_net1_10.2.0.0/16 ip daddr != 10.2.0.0/16 ip daddr != 224.0.0.0/4 masquerade',
      ],
    );
  },
);

inet('masquerade: between ADD and DEL of others nothing is lost and nothing stays', (t) => {
  const ns = freshNamespace(t);
  using first = openNftables({ netns: ns.path });
  using second = openNftables({ netns: ns.path });
  using foreign = openNftables({ netns: ns.path });
  const [a, b] = [nftablesMasquerade(first), nftablesMasquerade(second)];
  for (let round = 0; round < 50; round++) {
    a.add(entry('c1', '10.1.2.2/24'));
    // Somebody else changes the ruleset at the worst moment: after it was read. The kernel refuses
    // what is sent next, and it is read again.
    let sent = 0;
    const { socket } = first;
    const disturbed = connect(nftables, {
      ...socket,
      send(bytes, length) {
        socket.send(bytes, length);
        if (++sent === 1) b.add(entry('c2', '10.1.2.3/24'));
        if (sent === 3) foreign.apply(change.addTable({ family: 'ip', name: 'other' }));
      },
    });
    nftablesMasquerade(disturbed).del(entry('c1', '10.1.2.2/24'));
    t.true(sent > 3);
    t.deepEqual(a.check(entry('c2', '10.1.2.3/24')), []);
    b.del(entry('c2', '10.1.2.3/24'));
    foreign.apply(change.deleteTable({ family: 'ip', name: 'other' }));
    t.is(ruleset(ns), '');
  }
});
