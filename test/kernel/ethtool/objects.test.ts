/** Objects of ethtool beside ethtool(8): on virtual links here, on a card where there is one. */
import type { ExecutionContext } from 'ava';
import { openEthtool, type Ethtool } from '../../../src/ethtool/index.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

function setUp(t: ExecutionContext): { ns: Namespace; eth: Ethtool } {
  const ns = freshNamespace(t);
  ns.exec('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  const eth = openEthtool({ netns: ns.path });
  t.teardown(() => eth.close());
  return { ns, eth };
}

/** The first object of `ethtool --json`. */
const json = (ns: Namespace, ...args: string[]): Record<string, any> =>
  (JSON.parse(ns.exec('ethtool', '--json', ...args)) as Record<string, any>[])[0]!;

/** The numbers that ethtool prints, by the words before them; the most that may be comes first. */
function numbers(ns: Namespace, ...args: string[]): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const [, word, digits] of ns.exec('ethtool', ...args).matchAll(/^([\w -]+):\s+(\d+)$/gm)) {
    (found[word!] ??= []).push(Number(digits));
  }
  return found;
}

const byName = (names: readonly string[]): Record<string, boolean> =>
  Object.fromEntries(names.map((name) => [name, true]));

needs('veth')('ethtool: features are those of ethtool, by name, verbose and compact', (t) => {
  const { ns, eth } = setUp(t);
  const printed = json(ns, '-k', 'v0');
  const { active, hw, nochange = {} } = eth.features.get('v0');
  // Names of ethtool's own stand for several.
  const names = Object.keys(hw!).filter((name) => printed[name] !== undefined);
  t.true(names.length > 40);
  for (const name of names) {
    t.is(active![name] === true, printed[name].active, name);
    t.is(hw![name] === true && nochange[name] !== true, !printed[name].fixed, name);
  }
  for (const kind of ['features', 'linkModes', 'timestamping', 'channels'] as const) {
    t.deepEqual(eth[kind].list({ compact: true }), eth[kind].list(), kind);
    t.deepEqual(eth[kind].get('v0', { compact: true }), eth[kind].get('v0'), kind);
  }
});

needs('veth')('ethtool: a change of features says what has changed, and what could not', (t) => {
  const { ns, eth } = setUp(t);
  const wanted = { 'tx-tcp-segmentation': false, 'rx-vlan-filter': true };
  const change = eth.features.set('v0', { wanted });
  t.deepEqual(change.wanted, { 'rx-vlan-filter': true });
  t.is(change.active['tx-tcp-segmentation'], false);
  t.is(json(ns, '-k', 'v0')['tx-tcp-segmentation'].active, false);
  ns.exec('ethtool', '-K', 'v0', 'tx-tcp-segmentation', 'on');
  t.is(eth.features.get('v0').active!['tx-tcp-segmentation'], true);
  // What was read may be given.
  const before = eth.features.get('v0');
  t.deepEqual(eth.features.set('v0', before).active, {});
  t.deepEqual(eth.features.get('v0'), before);
});

needs('veth')(
  'ethtool: a link by name and by index, names of sets, and the links of a kind',
  (t) => {
    const { ns, eth } = setUp(t);
    const channels = eth.channels.get('v0');
    t.deepEqual(eth.channels.get(channels.index), channels);
    t.deepEqual(numbers(ns, '-l', 'v0')['RX'], [channels.rxMax, channels.rxCount]);
    eth.channels.set('v0', { ...channels });
    t.deepEqual(eth.channels.get('v0'), channels);
    t.deepEqual(
      eth.channels
        .list()
        .map(({ dev }) => dev)
        .sort(),
      ['v0', 'v1'],
    );

    t.is(eth.strings.get('msg_classes')[0], 'drv');
    t.true(eth.strings.get('link_modes').includes('1000baseT/Full'));
    t.true(eth.strings.get('stats', 'v0').includes('peer_ifindex'));
    const { software } = { software: /software-transmit/.test(ns.exec('ethtool', '-T', 'v0')) };
    t.is(eth.timestamping.get('v0').timestamping!['software-transmit'] === true, software);
    t.deepEqual(Object.keys(eth.counters.get('v0').groups).sort(), [
      'eth-ctrl',
      'eth-mac',
      'eth-phy',
      'rmon',
    ]);
  },
);

needs('veth')('ethtool: what cannot be done is one error that says why', (t) => {
  const { eth } = setUp(t);
  t.throws(() => eth.rings.get('nowhere'), {
    code: 'ENODEV',
    message: /^ETHTOOL_MSG_RINGS_GET "nowhere": ENODEV .*\(there is no such link\)$/,
  });
  t.throws(() => eth.wol.get('v0'), {
    code: 'EOPNOTSUPP',
    message:
      'ETHTOOL_MSG_WOL_GET "v0": EOPNOTSUPP: operation not supported (the driver of the link lacks this)',
  });
  t.is(eth.wol.find('v0'), undefined);
  t.is(eth.channels.find('nowhere'), undefined);
  const codec = { code: 'ERR_NETLINK_CODEC' };
  t.throws(() => eth.channels.set('v0', { rx: 1 } as object), {
    ...codec,
    message: /there is no "rx" to set/,
  });
  t.throws(() => eth.channels.set('v0', { rxCount: -1 }), {
    ...codec,
    message: /^ETHTOOL_MSG_CHANNELS_SET\/ETHTOOL_A_CHANNELS_RX_COUNT: -1 is not a u32$/,
  });
  t.throws(() => eth.features.set('v0', { wanted: { nothing: true } }), {
    message: /BITSET_BIT_NAME: "bit name not found"$/,
  });
  t.throws(() => eth.features.set('v0', { wanted: ['sg'] as never }), codec);
  t.throws(() => eth.strings.get('nothing' as never), codec);
});

needs('veth')('ethtool: monitor has what others change', async (t) => {
  const { ns, eth } = setUp(t);
  await using events = eth.monitor();
  ns.exec('ethtool', '-K', 'v0', 'tx-tcp-segmentation', 'off');
  for await (const event of events) {
    if (event.type !== 'features' || event.value.dev !== 'v0') continue;
    t.is(event.action, 'set');
    t.deepEqual(event.value, eth.features.get('v0'));
    t.not(event.value.active!['tx-tcp-segmentation'], true);
    break;
  }
});

needs('e1000e')('ethtool: a card beside ethtool', (t) => {
  const { ns, eth } = setUp(t);
  ns.exec('sh', '-c', `nsenter -t 1 -n ip link set eth0 netns '${ns.path}'`);
  const printed = numbers(ns, '-g', 'eth0');
  const rings = eth.rings.get('eth0');
  t.deepEqual(printed['RX'], [rings.rxMax, rings.rx]);
  t.deepEqual(printed['TX'], [rings.txMax, rings.tx]);
  eth.rings.set('eth0', { rx: 512 });
  t.is(numbers(ns, '-g', 'eth0')['RX']![1], 512);

  eth.pause.set('eth0', { autoneg: false, rx: true, tx: false });
  t.regex(ns.exec('ethtool', '-a', 'eth0'), /Autonegotiate:\s+off\nRX:\s+on\nTX:\s+off/);
  t.like(eth.pause.get('eth0'), { autoneg: false, rx: true, tx: false });

  ns.exec('ethtool', '-C', 'eth0', 'rx-usecs', '20');
  t.is(eth.coalesce.get('eth0').rxUsecs, 20);
  eth.coalesce.set('eth0', { rxUsecs: 30 });
  t.is(numbers(ns, '-c', 'eth0')['rx-usecs']![0], 30);

  eth.debug.set('eth0', { msgmask: { drv: false, timer: true } });
  t.regex(ns.exec('ethtool', 'eth0'), /message level: 0x0000000e \(14\)/);
  t.deepEqual(eth.debug.get('eth0').msgmask, byName(['probe', 'link', 'timer']));

  t.deepEqual(eth.privateFlags.get('eth0').flags, { 's0ix-enabled': false });
  t.deepEqual(eth.privateFlags.get('eth0', { compact: true }), eth.privateFlags.get('eth0'));
  t.deepEqual(eth.strings.get('priv_flags', 'eth0'), ['s0ix-enabled']);

  const modes = eth.linkModes.get('eth0');
  t.true(modes.ours!['1000baseT/Full']);
  t.deepEqual(eth.linkModes.get('eth0', { compact: true }), modes);
  eth.linkModes.set('eth0', { ours: { '1000baseT/Full': false } });
  t.is(eth.linkModes.get('eth0').ours!['1000baseT/Full'], false);
  t.regex(
    ns.exec('ethtool', 'eth0'),
    /Advertised link modes:\s+10baseT\/Half 10baseT\/Full\s+100baseT\/Half 100baseT\/Full\s+Advertised/,
  );

  const { timestamping, rxFilters, phcIndex } = eth.timestamping.get('eth0');
  const stamps = ns.exec('ethtool', '-T', 'eth0');
  for (const name of Object.keys({ ...timestamping, ...rxFilters })) t.true(stamps.includes(name));
  t.regex(stamps, new RegExp(`Clock: ${phcIndex}\\n`));
  t.is(eth.linkInfo.get('eth0').port, 'tp');
});
