/** WireGuard links beside wg(8): what one of them sets, the other one shows. */
import type { ExecutionContext } from 'ava';
import {
  openWireguard,
  type DeviceObject,
  type DeviceSpec,
  type PeerSpec,
} from '../../../src/wireguard/index.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const PRIVATE = 'yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=';
const PUBLIC = 'HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=';
const SECRET = 'FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE=';
const ONE = 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=';
const TWO = 'TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=';

const SPEC: DeviceSpec = {
  privateKey: PRIVATE,
  listenPort: 51820,
  fwmark: 7,
  peers: [
    {
      publicKey: ONE,
      presharedKey: SECRET,
      endpoint: { address: '192.0.2.1', port: 51820 },
      allowedIps: ['10.192.122.3', '2001:db8::/64'],
      persistentKeepalive: 25,
    },
    {
      publicKey: TWO,
      endpoint: { address: '2001:db8::1', port: 7 },
      allowedIps: ['10.192.124.0/24'],
    },
  ],
};

function setUp(t: ExecutionContext) {
  const ns = freshNamespace(t);
  ns.exec('ip', 'link', 'add', 'wg0', 'type', 'wireguard');
  const wg = openWireguard({ netns: ns.path });
  t.teardown(() => wg.close());
  return { ns, wg };
}

/** A device in the columns of `wg show wg0 dump`. */
function columns({ peers, ...device }: DeviceObject): string[][] {
  const { privateKey = '(none)', publicKey = '(none)', listenPort, fwmark } = device;
  const mark = fwmark === 0 ? 'off' : `0x${fwmark.toString(16)}`;
  return [
    [privateKey, publicKey, String(listenPort), mark],
    ...peers.map(({ endpoint: at, latestHandshake = 0, persistentKeepalive, ...peer }) => {
      const host = at?.address.includes(':') === true ? `[${at.address}]` : at?.address;
      return [
        peer.publicKey,
        peer.presharedKey ?? '(none)',
        at === undefined ? '(none)' : `${host}:${at.port}`,
        peer.allowedIps.join() || '(none)',
        String(Math.floor(latestHandshake)),
        String(peer.transferRx),
        String(peer.transferTx),
        persistentKeepalive === 0 ? 'off' : String(persistentKeepalive),
      ];
    }),
  ];
}

const printed = (ns: Namespace): string[][] =>
  ns
    .exec('wg', 'show', 'wg0', 'dump')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));

needs('wireguard')('wireguard: wg shows what is set, and what it sets is read', (t) => {
  const { ns, wg } = setUp(t);
  t.deepEqual(columns(wg.devices.get('wg0')), printed(ns));

  wg.devices.set('wg0', SPEC);
  const device = wg.devices.get('wg0');
  t.deepEqual(columns(device), printed(ns));
  t.is(device.publicKey, PUBLIC);
  t.deepEqual(device.peers[1]!.endpoint, {
    address: '2001:db8::1',
    port: 7,
    flowinfo: 0,
    scopeId: 0,
  });
  t.deepEqual(wg.devices.get(device.index), device);

  // What is read can be set again, and so can what wg saves.
  const saved = ns.exec('wg', 'showconf', 'wg0');
  wg.devices.set('wg0', { privateKey: null, fwmark: 0, peers: [], replacePeers: true });
  t.deepEqual(printed(ns).length, 1);
  t.is(wg.devices.get('wg0').privateKey, undefined);
  wg.devices.set('wg0', device);
  t.is(ns.exec('wg', 'showconf', 'wg0'), saved);
  ns.exec('sh', '-c', `printf '%s' "$0" | wg setconf wg0 /dev/stdin`, saved);
  t.deepEqual(wg.devices.get('wg0'), device);
});

needs('wireguard')('wireguard: a peer is added, changed and removed', (t) => {
  const { ns, wg } = setUp(t);
  const { devices } = wg;
  const peer: PeerSpec = { publicKey: ONE, presharedKey: SECRET, allowedIps: ['10.0.0.1'] };
  devices.addPeer('wg0', peer);
  devices.addPeer('wg0', { publicKey: ONE, allowedIps: ['10.0.1.0/24'], presharedKey: null });
  const [changed] = devices.get('wg0').peers;
  t.deepEqual([...changed!.allowedIps].sort(), ['10.0.0.1/32', '10.0.1.0/24']);
  t.is(changed!.presharedKey, undefined);
  devices.addPeer('wg0', { publicKey: ONE, allowedIps: ['10.0.2.0/24'], replaceAllowedIps: true });
  t.deepEqual(devices.get('wg0').peers[0]!.allowedIps, ['10.0.2.0/24']);
  t.deepEqual(columns(devices.get('wg0')), printed(ns));

  // A network belongs to the peer that had it last.
  devices.addPeer('wg0', { publicKey: TWO, allowedIps: ['10.0.2.0/24'] });
  t.deepEqual(
    devices.get('wg0').peers.map(({ allowedIps }) => allowedIps),
    [[], ['10.0.2.0/24']],
  );
  devices.removePeer('wg0', ONE);
  devices.removePeer('wg0', ONE);
  devices.set('wg0', { peers: [{ publicKey: ONE, updateOnly: true }] });
  t.deepEqual(
    devices.get('wg0').peers.map(({ publicKey }) => publicKey),
    [TWO],
  );
});

/** A key for each number: any 32 bytes will do. */
const numbered = (n: number): string =>
  Buffer.from(Array.from({ length: 32 }, (_, i) => (i < 2 ? n >> (8 * i) : 7) & 0xff)).toString(
    'base64',
  );

needs('wireguard')('wireguard: peers and networks that fill many messages', (t) => {
  const { ns, wg } = setUp(t);
  const networks = (n: number): string[] =>
    Array.from({ length: n }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
  const peers: PeerSpec[] = Array.from({ length: 500 }, (_, n) => ({
    publicKey: numbered(n),
    allowedIps: n === 250 ? networks(3000) : [`2001:db8::${n.toString(16)}/128`],
    endpoint: { address: '192.0.2.1', port: n + 1 },
    replaceAllowedIps: true,
  }));
  for (let repeat = 0; repeat < 2; repeat++) {
    wg.devices.set('wg0', { peers, replacePeers: true });
    const found = wg.devices.get('wg0');
    t.is(found.peers.length, peers.length);
    t.deepEqual(columns(found), printed(ns));
    t.deepEqual(
      new Set(found.peers.map(({ publicKey }) => publicKey)),
      new Set(peers.map(({ publicKey }) => publicKey)),
    );
    const many = found.peers.find(({ publicKey }) => publicKey === numbered(250));
    t.deepEqual(new Set(many!.allowedIps), new Set(networks(3000)));
  }
});

needs('wireguard')(
  'wireguard: what cannot be done is one error, before anything is changed',
  (t) => {
    const { ns, wg } = setUp(t);
    const { devices } = wg;
    devices.set('wg0', SPEC);
    const before = printed(ns);
    const codec = { code: 'ERR_NETLINK_CODEC' };
    const path = 'WG_CMD_SET_DEVICE/WGDEVICE_A_PEERS/WGDEVICE_A_PEERS[1]';
    const peers = [{ publicKey: ONE, remove: true }, { publicKey: 'short' }];
    t.throws(() => devices.set('wg0', { peers, fwmark: 1 }), {
      ...codec,
      message: `${path}/WGPEER_A_PUBLIC_KEY: text of 5 characters is not a key: 32 bytes as 44 characters of base64`,
    });
    const bad: readonly [RegExp, object][] = [
      [/a device has no "allowedIps"/, { allowedIps: [] }],
      [/a peer has no "allowedIPs"/, { peers: [{ publicKey: ONE, allowedIPs: [] }] }],
      [/a peer needs a publicKey/, { peers: [{}] }],
      [
        /"10\.0\.0\.0\/33" is neither a network nor/,
        { peers: [{ publicKey: ONE, allowedIps: ['10.0.0.0/33'] }] },
      ],
      [/LISTEN_PORT: 65536 is not a u16/, { listenPort: 65536 }],
      [
        /PRIVATE_KEY: text of 44 characters is not a key/,
        { privateKey: `${PRIVATE.slice(0, 42)}l=` },
      ],
      [/an endpoint without a port/, { peers: [{ publicKey: ONE, endpoint: { address: '::1' } }] }],
      [/spec has a value of the wrong type|not a list/, { peers: 5 }],
    ];
    for (const [message, spec] of bad)
      t.throws(() => devices.set('wg0', spec), { ...codec, message });
    t.deepEqual(printed(ns), before);

    t.throws(() => devices.get('nowhere'), {
      code: 'ENODEV',
      message:
        'WG_CMD_GET_DEVICE "nowhere": ENODEV: no such device (there is no link of this name)',
    });
    t.is(devices.find('nowhere'), undefined);
    t.throws(() => devices.set('lo', { fwmark: 1 }), {
      code: 'EOPNOTSUPP',
      message: /WG_CMD_SET_DEVICE "lo": EOPNOTSUPP: .*\(the link is not of kind wireguard\)/,
    });
  },
);
