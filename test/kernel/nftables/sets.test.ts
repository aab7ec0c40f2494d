/**
 * Sets and their elements as `addSet` and `addElements` make them, beside those that nft makes of
 * the same words.
 */
import {
  addElements,
  addSet,
  addTable,
  deleteElements,
  getSet,
  listElements,
} from '../../../src/nftables/index.ts';
import type { DataTypeName } from '../../../src/nftables/messages/data-type.ts';
import { key, keyText, type KeyField } from '../../../src/nftables/messages/key.ts';
import { openNftables, type Nftables } from '../../../src/nftables/open.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

/** A family that both kernels have. */
const bridge = needs('nftables-bridge');
const T = { family: 'bridge', table: 't' } as const;

/**
 * One element of each type as nft writes it, and as `keyText` does, which has no names for numbers.
 */
const TYPES: Partial<Record<DataTypeName, readonly [element: string, text: string]>> = {
  ipv4_addr: ['10.1.2.3', '10.1.2.3'],
  ipv6_addr: ['fd00::1', 'fd00::1'],
  ether_addr: ['02:00:00:00:00:01', '02:00:00:00:00:01'],
  ether_type: ['arp', '2054'],
  inet_proto: ['tcp', '6'],
  inet_service: ['80', '80'],
  icmp_type: ['echo-request', '8'],
  mark: ['0x00000005', '0x00000005'],
  iface_index: ['"lo"', '1'],
  iface_type: ['loopback', '772'],
  ct_state: ['related', '4'],
  ct_dir: ['reply', '1'],
  ct_status: ['dnat', '32'],
  icmpv6_type: ['echo-request', '128'],
  pkt_type: ['broadcast', '1'],
  icmp_code: ['port-unreachable', '3'],
  icmpv6_code: ['addr-unreachable', '3'],
  icmpx_code: ['host-unreachable', '2'],
  devgroup: ['7', '7'],
  dscp: ['af11', '10'],
  fib_addrtype: ['local', '2'],
  boolean: ['exists', '1'],
  ifname: ['"eth0"', '"eth0"'],
};

/** A set as nft lists it, without what says which one it is. */
function listed(ns: Namespace, set: string): object {
  const [, row] = ns.nft('list', 'set', 'bridge', 't', set) as Record<string, object>[];
  const { name: _, handle: __, ...rest } = Object.values(row!)[0] as Record<string, unknown>;
  return rest;
}

/** What the kernel has of a set, without what is of no account to it. */
function inKernel(nft: Nftables, set: string): object {
  const { attrs } = nft.get(getSet({ ...T, name: set }));
  const { keyType, keyLen, flags, dataType, dataLen, desc } = attrs;
  const elements = nft.list(listElements({ ...T, name: set })).map((each) => each.attrs.elements);
  return { keyType, keyLen, flags, dataType, dataLen, desc, elements };
}

for (const [type, [element, text]] of Object.entries(TYPES)) {
  bridge(`set: nft reads and writes one of ${type} as its own`, (t) => {
    const ns = freshNamespace(t);
    using nft = openNftables({ netns: ns.path });
    nft.apply(
      addTable({ family: T.family, name: 't' }),
      addSet({ ...T, name: 'ours', type: type as DataTypeName }),
    );
    ns.exec('nft', `add set bridge t theirs { type ${type}; }`);
    for (const set of ['ours', 'theirs']) {
      ns.exec('nft', `add element bridge t ${set} { ${element} }`);
    }
    t.deepEqual(inKernel(nft, 'ours'), inKernel(nft, 'theirs'));
    t.deepEqual(listed(ns, 'ours'), listed(ns, 'theirs'));
    const [first] = nft.elements.list({ ...T, name: 'ours' });
    t.is(keyText(type as DataTypeName, key(first!.key as KeyField)), text);
  });
}

bridge('set: a key of ours in host order is what nft reads', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const mark = new Uint8Array(Uint32Array.of(5).buffer);
  nft.apply(
    addTable({ family: T.family, name: 't' }),
    addSet({ ...T, name: 'marks', type: 'mark', comment: 'm' }),
    addElements({ ...T, name: 'marks', elem: [{ key: mark }] }),
    addSet({ ...T, name: 'to', type: 'ipv4_addr', map: 'mark' }),
    addElements({ ...T, name: 'to', elem: [{ key: '10.0.0.1', data: mark }] }),
  );
  t.like(listed(ns, 'marks'), { elem: [5], comment: 'm' });
  t.regex(ns.exec('nft', 'list map bridge t to'), /elements = { 10\.0\.0\.1 : 0x00000005 }/);
});

for (const [name, type, element, more, words] of [
  ['a concatenation', ['ipv4_addr', 'inet_service'], '10.0.0.1 . 80', {}, ''],
  [
    'a concatenation with types of one byte',
    ['ipv4_addr', 'icmp_type', 'inet_service'],
    '10.0.0.1 . echo-request . 80',
    {},
    '',
  ],
  ['a concatenation in host order', ['mark', 'ifname'], '5 . "eth0"', {}, ''],
  [
    'a concatenation with a timeout',
    ['ipv4_addr', 'inet_service'],
    '10.0.0.1 . 80 timeout 1d expires 1d',
    { flags: ['timeout'] },
    'flags timeout;',
  ],
  [
    'a concatenation of ranges',
    ['ipv4_addr', 'inet_service'],
    '10.0.0.0/24 . 80-90',
    { flags: ['interval'] },
    'flags interval;',
  ],
] as const) {
  bridge(`set: ${name} is the one that nft makes`, (t) => {
    const ns = freshNamespace(t);
    using nft = openNftables({ netns: ns.path });
    nft.apply(
      addTable({ family: T.family, name: 't' }),
      addSet({ ...T, name: 'ours', type, ...more }),
    );
    ns.exec('nft', `add set bridge t theirs { type ${type.join(' . ')}; ${words} }`);
    for (const set of ['ours', 'theirs']) {
      ns.exec('nft', `add element bridge t ${set} { ${element} }`);
    }
    if (words !== 'flags timeout;') t.deepEqual(inKernel(nft, 'ours'), inKernel(nft, 'theirs'));
    t.deepEqual(listed(ns, 'ours'), listed(ns, 'theirs'));
  });
}

bridge('set: a concatenation may give verdicts', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  nft.apply(
    addTable({ family: T.family, name: 't' }),
    addSet({ ...T, name: 'm', type: ['ipv4_addr', 'inet_service'], map: 'verdict' }),
    addElements({
      ...T,
      name: 'm',
      elem: [{ key: ['10.0.0.1', 80], data: { code: 'drop' } }],
    }),
  );
  t.regex(ns.exec('nft', 'list map bridge t m'), /elements = { 10\.0\.0\.1 \. 80 : drop }/);
});

const RANGES = { ...T, name: 'ours', type: 'ipv4_addr', flags: ['interval'] } as const;

bridge('elements: ranges of a plain set are those that nft makes', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  nft.apply(
    addTable({ family: T.family, name: 't' }),
    addSet(RANGES),
    addElements({
      ...RANGES,
      elem: [
        { key: '0.0.0.0', keyEnd: '0.255.255.255' },
        { key: '10.0.0.0', keyEnd: '10.0.0.255', comment: 'subnet' },
        { key: '10.0.1.5' },
        { key: '255.0.0.0', keyEnd: '255.255.255.255' },
      ],
    }),
  );
  ns.exec('nft', 'add set bridge t theirs { type ipv4_addr; flags interval; }');
  ns.exec(
    'nft',
    'add element bridge t theirs { 0.0.0.0/8, 10.0.0.0/24 comment "subnet", 10.0.1.5, 255.0.0.0/8 }',
  );
  t.deepEqual(listed(ns, 'ours'), listed(ns, 'theirs'));
  // nft deletes both of its elements, and we do.
  ns.exec('nft', 'delete element bridge t ours { 10.0.0.0/24 }');
  nft.apply(deleteElements({ ...RANGES, elem: [{ key: '10.0.1.5' }] }));
  t.like(listed(ns, 'ours'), {
    elem: [{ prefix: { addr: '0.0.0.0', len: 8 } }, { prefix: { addr: '255.0.0.0', len: 8 } }],
  });
});

bridge('elements: a map of ranges has its data once', (t) => {
  const ns = freshNamespace(t);
  using nft = openNftables({ netns: ns.path });
  const ports = { ...T, name: 'm', type: 'inet_service', flags: ['interval'] } as const;
  nft.apply(
    addTable({ family: T.family, name: 't' }),
    addSet({ ...ports, map: 'ipv4_addr' }),
    addElements({
      ...ports,
      elem: [{ key: 80, keyEnd: 90, data: '10.0.0.1' }],
    }),
  );
  t.regex(ns.exec('nft', 'list map bridge t m'), /elements = { 80-90 : 10\.0\.0\.1 }/);
});

bridge('elements: a range that ends before it begins is refused', (t) => {
  const elem = [{ key: '10.0.0.9', keyEnd: '10.0.0.1' }];
  t.throws(() => addElements({ ...RANGES, elem }), {
    code: 'ERR_NETLINK_CODEC',
    message: /keyEnd/,
  });
});
