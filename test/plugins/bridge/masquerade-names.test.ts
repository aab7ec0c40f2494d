import test from 'ava';
import {
  iptablesChain,
  iptablesComment,
  isOfNetwork,
  ownerOf,
  placeOf,
  placeOfSet,
  referenceRulePrefix,
  spoofChains,
} from '../../../src/plugins/masquerade/rule-names.ts';

const attachment = (network: string, ifname: string, containerId: string) => ({
  network,
  ifname,
  containerId,
});

for (const [network, id, chain] of [
  ['test', '1234', 'CNI-2bbe0c48b91a7d1b8a6753a8'],
  ['testalongnamethatdoesnotmakesense', '1234', 'CNI-374f33fe84ab0ed84dcdebe3'],
  ['net1', 'c1', 'CNI-c2d892b58e87e28a12fe6479'],
] as const) {
  test(`iptables: the chain of ${network} and ${id} is the reference's`, (t) => {
    t.is(iptablesChain(attachment(network, 'eth0', id)), chain);
  });
}

test("iptables: the comment is the reference's, quotes included", (t) => {
  t.is(iptablesComment(attachment('net1', 'eth0', 'c1')), 'name: "net1" id: "c1"');
});

for (const [network, ifname, id, prefix] of [
  ['unit-test', 'eth0', 'one', '6fd94d501e58f0aa-287fc69eff0574a2'],
  ['unit-test', 'eth0', 'two', '6fd94d501e58f0aa-d750b2c8f0f25d5f'],
  ['unit-test', 'eth0', 'three', '6fd94d501e58f0aa-a4d4adb82b669cfe'],
  ['unit-test', 'eth0', 'four', '6fd94d501e58f0aa-e766de567ef6c543'],
  ['alternate', 'net1', 'three', '82783ef24bdc7036-acb19d111858e348'],
  ['net1', 'eth0', 'c1', '8e48f37d5de60467-f4d01f2ef4b92245'],
] as const) {
  test(`nftables: the reference's comment of ${network}, ${ifname}, ${id} begins as it does`, (t) => {
    t.is(referenceRulePrefix(attachment(network, ifname, id)), prefix);
  });
}

test('set: its name says network, family and subnet', (t) => {
  t.deepEqual(placeOf('net1', '10.1.2.3/24'), {
    family: 'ip',
    subnet: '10.1.2.0/24',
    set: 'ip_net1_10.1.2.0/24',
  });
  t.deepEqual(placeOf('a_b.c-d', 'FD00:1:0::2/64'), {
    family: 'ip6',
    subnet: 'fd00:1::/64',
    set: 'ip6_a_b.c-d_fd00-1--/64',
  });
});

for (const cidr of [
  '10.1.2.3/24',
  '10.1.2.3/32',
  '0.0.0.0/0',
  'fd00::1/64',
  '::1/128',
  '1:2:3:4:5:6:7:8/128',
]) {
  test(`set: the subnet of ${cidr} can be read from its name`, (t) => {
    const place = placeOf('net_1', cidr);
    t.deepEqual(placeOfSet(place.set), place);
    t.true(isOfNetwork(place.set, 'net_1'));
    t.false(isOfNetwork(place.set, 'net'));
    t.false(isOfNetwork(place.set, '1'));
  });
}

test('set: a network that nft could not spell goes by its digest', (t) => {
  const { set } = placeOf('net "1"\n', '10.1.2.3/24');
  t.regex(set, /^ip_[0-9a-f]{32}_10\.1\.2\.0\/24$/);
  t.true(isOfNetwork(set, 'net "1"\n'));
  t.true(placeOf('n'.repeat(300), '10.1.2.3/24').set.length < 64);
});

test('owner: a long one is cut, and still its own', (t) => {
  const [a, b] = ['a', 'b'].map((end) =>
    ownerOf(attachment('net1', 'eth0', `${'0123456789abcdef'.repeat(16)}${end}`)),
  );
  t.is(a!.length, 127);
  t.not(a, b);
  t.is(ownerOf(attachment('net1', 'eth0', 'c1')), 'net1/c1/eth0');
  t.is(ownerOf(attachment('net1', 'ééé', 'c'.repeat(115))).length, 124);
  t.regex(ownerOf(attachment('net1', 'ééé', 'c'.repeat(116))), /^net1\/c+#[0-9a-f]{32}$/);
});

test('chain: of the reference’s spoof check there are none that no chain can be called', (t) => {
  const chains = (length: number) => spoofChains(attachment('net1', 'eth0', 'c'.repeat(length)));
  t.deepEqual(spoofChains(attachment('net1', 'eth0', 'c1')), [
    'cni-br-iface-c1-eth0',
    'cni-br-iface-c1-eth0-mac',
  ]);
  t.is(chains(233)[1]!.length, 255);
  t.deepEqual(chains(234), []);
});
