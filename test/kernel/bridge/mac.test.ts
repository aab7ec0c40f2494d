/**
 * The MAC address of a bridge that was there: ADD with a gateway gives it the one that it had
 * before the port came, so that it stays whatever comes and goes. Each row of what the reference
 * does since 1.10.0 is run with both.
 */
import test, { type ExecutionContext } from 'ava';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { failed, freshNode, succeeded, type Node } from '../../harness/node.ts';
import { ourPlugin, referencePlugin } from '../../harness/plugin.ts';
import { faulty } from '../../harness/strace.ts';

const PLUGINS = { ours: ourPlugin('bridge'), 'the reference': referencePlugin('bridge') };
type Plugin = keyof typeof PLUGINS;

const V4 = '10.88.0.0/24';
const V6 = 'fd88::/64';
const NONE = '00:00:00:00:00:00';
const OF_A_PORT = 'ee:ee:ee:ee:ee:01';

interface Scene {
  readonly node: Node;
  readonly whose: Plugin;
  /** ADD of one more container; its result, or its error. */
  add(keys?: object, subnets?: readonly string[]): ReturnType<Node['call']>;
  /** DEL of all containers. */
  removeAll(): void;
  /** CHECK of the ADD that was made last, with its result. */
  check(): ReturnType<Node['call']>;
  /** Of the bridge when no other link is named. */
  mac(link?: string): string;
  /**
   * include/uapi/linux/netdevice.h: 0 is permanent or stolen, 1 random, 3 given by somebody, who is
   * then obeyed.
   */
  isGiven(link?: string): boolean;
}

/** A bridge `br0`, and what `before` does to it. */
function scene(t: ExecutionContext, whose: Plugin, ...before: string[]): Scene {
  const node = freshNode(t);
  const plugin = PLUGINS[whose];
  const { host } = node;
  for (const words of ['link add br0 type bridge', 'link set br0 up', ...before]) {
    host.exec('ip', ...words.split(' '));
  }
  const attached: {
    config: object;
    call: { netns: string; containerId: string };
    prevResult: unknown;
  }[] = [];
  const sysfs = (link: string, file: string): string =>
    host.exec('ip', 'netns', 'exec', host.name, 'cat', `/sys/class/net/${link}/${file}`).trim();
  return {
    node,
    whose,
    add(keys = { isGateway: true }, subnets = [V4]) {
      const config = node.config(subnets, keys as Record<string, unknown>);
      const call = { netns: freshNamespace(t).path, containerId: `c${attached.length}` };
      const output = node.call('ADD', config, call, plugin);
      attached.push({ config, call, prevResult: output.json });
      return output;
    },
    check() {
      const { config, call, prevResult } = attached.at(-1)!;
      return node.call('CHECK', { ...config, prevResult }, call, plugin);
    },
    removeAll() {
      for (const { config, call } of attached.splice(0)) {
        t.is(node.call('DEL', config, call, plugin).code, 0);
      }
    },
    mac: (link = 'br0') => sysfs(link, 'address'),
    isGiven: (link = 'br0') => sysfs(link, 'addr_assign_type') === '3',
  };
}

/** The bridge had a port and lost it, and its address with it. */
const LOST = [
  'link add old0 type veth peer name old1',
  'link set old0 master br0 up',
  'link del old0',
];
const GATEWAY = 'addr add 10.88.0.1/24 dev br0';
const A_PORT = [
  `link add port0 address ${OF_A_PORT} type veth peer name port1`,
  'link set port0 master br0 up',
  'link set port1 up',
];

const bridgeOf = (output: ReturnType<Node['call']>): string => succeeded(output).interfaces[0]!.mac;

/**
 * Several ADDs and then their DELs leave the bridge the one address, which is the one that is told.
 */
function keeps(t: ExecutionContext, one: Scene, mac: string, keys?: object, subnets?: string[]) {
  for (let i = 0; i < 3; i++) {
    t.is(bridgeOf(one.add(keys, subnets)), mac, `${one.whose}: ADD ${i}`);
    t.is(one.mac(), mac, `${one.whose}: after ADD ${i}`);
    t.true(one.isGiven(), one.whose);
  }
  one.removeAll();
  t.is(one.mac(), mac, `${one.whose}: after DEL`);
}

const KEEPS: Readonly<Record<string, readonly [before: readonly string[], keys?: object]>> = {
  'a new bridge of the administrator': [[]],
  isDefaultGateway: [[], { isDefaultGateway: true }],
  'the gateway address is there already': [[GATEWAY]],
  'another port was there before': [A_PORT],
  'another port, and the gateway address': [[...A_PORT, GATEWAY]],
  'the administrator gave it an address': [['link set br0 address 02:00:5e:00:53:07']],
  'forceAddress replaces an address': [
    ['addr add 192.0.2.1/24 dev br0'],
    { isGateway: true, forceAddress: true },
  ],
};

for (const whose of Object.keys(PLUGINS) as Plugin[]) {
  for (const [title, [before, keys]] of Object.entries(KEEPS)) {
    test.serial(`bridge MAC: kept by ${whose}: ${title}`, (t) => {
      const one = scene(t, whose, ...before);
      keeps(t, one, one.mac(), keys);
    });

    test.serial(`bridge MAC: kept by ${whose}, both families: ${title}`, (t) => {
      const one = scene(t, whose, ...before);
      keeps(t, one, one.mac(), keys, [V4, V6]);
    });
  }

  for (const [title, [before, subnets]] of Object.entries({
    IPv4: [[], [V4]],
    IPv6: [[], [V6]],
    'both families': [[], [V4, V6]],
    'the gateway address is there already': [[GATEWAY], [V4]],
  } as Record<string, [string[], string[]]>)) {
    test.serial(`bridge MAC: one that was lost is drawn once by ${whose}: ${title}`, (t) => {
      const one = scene(t, whose, ...LOST, ...before);
      t.is(one.mac(), NONE);
      const result = succeeded(one.add(undefined, subnets));
      const mac = one.mac();
      // Locally administered, and no group's.
      t.is(parseInt(mac.slice(0, 2), 16) & 3, 2);
      t.deepEqual(
        result.interfaces.map((each) => each.mac).filter((each) => each === mac),
        [mac],
      );
      t.true(one.isGiven());
      keeps(t, one, mac, undefined, subnets);
      // Without a port between them.
      keeps(t, one, mac, undefined, subnets);
    });
  }

  test.serial(`bridge MAC: ${whose} leaves it to the ports without a gateway`, (t) => {
    const one = scene(t, whose);
    one.add({});
    t.false(one.isGiven());
  });

  test.serial(`bridge MAC: an ADD of ${whose} that is refused for an address gives none`, (t) => {
    const one = scene(t, whose, 'addr add 10.88.0.1/25 dev br0');
    failed(one.add());
    t.false(one.isGiven());
    if (whose !== 'ours') return;
    t.notRegex(one.node.host.exec('ip', 'link'), /veth/);
  });
}

/**
 * Keys with which ADD fails behind the gateway: the reference at the name of the back end, which
 * ours asks for before anything is changed; ours at a route, which the reference makes before.
 */
const FAILS_LATE: Readonly<Record<Plugin, (node: Node) => object>> = {
  ours: (node) => {
    const routes = [{ dst: '192.0.2.0/24', gw: '203.0.113.1' }];
    return { ipam: { ...(node.config([V4])['ipam'] as object), routes } };
  },
  'the reference': () => ({ ipMasq: true, ipMasqBackend: 'zzz' }),
};

for (const whose of Object.keys(PLUGINS) as Plugin[]) {
  test.serial(`bridge MAC: stays given when an ADD of ${whose} fails behind the gateway`, (t) => {
    for (const before of [[GATEWAY], [...A_PORT, GATEWAY]]) {
      const one = scene(t, whose, ...before);
      const mac = one.mac();
      failed(one.add({ isGateway: true, ...FAILS_LATE[whose](one.node) }));
      t.true(one.isGiven());
      t.is(one.mac(), mac);
      keeps(t, one, mac);
    }
  });

  test.serial(`bridge MAC: CHECK of ${whose} asks for the one that was given`, (t) => {
    for (const before of [[], LOST, [GATEWAY]]) {
      const one = scene(t, whose, ...before);
      const mac = bridgeOf(one.add());
      t.is(one.check().stdout, '');
      one.node.host.exec('ip', 'link', 'set', 'br0', 'address', '02:00:5e:00:53:66');
      t.regex(JSON.stringify(failed(one.check())), /\bmac\b/i);
      one.node.host.exec('ip', 'link', 'set', 'br0', 'address', mac);
      t.is(one.check().stdout, '');
    }
  });

  for (const [title, before] of Object.entries({
    'made by ADD': [],
    "of the administrator's": ['link add link br0 name br0.100 up type vlan id 100'],
  })) {
    needs('vlan-filtering').serial(
      `bridge MAC: with a VLAN its interface, ${title}, keeps one in ADDs of ${whose}`,
      (t) => {
        const one = scene(t, whose, 'link set br0 type bridge vlan_filtering 1', ...before);
        const add = (): string => {
          const { interfaces } = succeeded(one.add({ isGateway: true, vlan: 100 }));
          t.is(interfaces[0]!.mac, one.mac());
          t.true(one.isGiven('br0.100'));
          // As without a gateway, it follows its ports.
          t.false(one.isGiven());
          return one.mac('br0.100');
        };
        const mac = add();
        for (let i = 0; i < 3; i++) t.is(add(), mac);
        one.removeAll();
        t.is(one.mac('br0.100'), mac);
        t.is(add(), mac);
      },
    );
  }
}

test.serial('bridge MAC: an address that was drawn outlives an ADD that fails after it', (t) => {
  const one = scene(t, 'ours', ...LOST);
  const routes = [{ dst: '192.0.2.0/24', gw: '203.0.113.1' }];
  const ipam = { ...(one.node.config([V4])['ipam'] as object), routes };
  failed(one.add({ isGateway: true, ipam }));
  const mac = one.mac();
  t.not(mac, NONE);
  t.is(bridgeOf(one.add()), mac);
});

test.serial('bridge MAC: bridges of one name and index on two hosts draw two addresses', (t) => {
  const [one, two] = [scene(t, 'ours', ...LOST), scene(t, 'ours', ...LOST)];
  const index = ({ node }: Scene): unknown => node.host.ip('link', 'show', 'br0')[0]!['ifindex'];
  t.is(index(one), index(two));
  t.not(bridgeOf(one.add()), bridgeOf(two.add()));
});

test.serial(
  'bridge MAC: a port of ours is not the one that a bridge takes its address from',
  (t) => {
    // Higher than any that is drawn by the kernel.
    const one = scene(t, 'ours', ...A_PORT);
    for (let i = 0; i < 3; i++) {
      t.is(bridgeOf(one.add({})), OF_A_PORT);
      t.is(one.mac(), OF_A_PORT);
    }
    one.removeAll();
    t.is(one.mac(), OF_A_PORT);
  },
);

test.serial(
  'bridge MAC: neighbours that a bridge knows stay when it has its address already',
  (t) => {
    const one = scene(t, 'ours', GATEWAY);
    succeeded(one.add());
    const known = ['neigh', 'add', '10.88.0.200', 'lladdr', '02:00:5e:00:53:99', 'dev', 'br0'];
    one.node.host.exec('ip', ...known);
    succeeded(one.add());
    t.regex(one.node.host.exec('ip', 'neigh'), /10\.88\.0\.200 .*PERMANENT/);
  },
);

test.serial(
  'bridge MAC: one that was lost is drawn where the kernel gives no random bytes',
  (t) => {
    const one = scene(t, 'ours', ...LOST);
    const config = one.node.config([V4], { isGateway: true });
    const withoutRandom = faulty(t, '-e', 'inject=getrandom:error=EPERM');
    const add = (containerId: string): string => {
      const call = { netns: freshNamespace(t).path, containerId };
      return bridgeOf(one.node.call('ADD', config, call, withoutRandom));
    };
    const mac = add('c1');
    t.not(mac, NONE);
    t.is(one.mac(), mac);
    t.is(add('c2'), mac);
  },
);
