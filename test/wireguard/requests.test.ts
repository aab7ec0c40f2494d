/** Devices in several messages: how a request is split, and how answers are put together. */
import test from 'ava';
import type { Wgdevice } from '../../src/wireguard/device/message.ts';
import {
  deviceMessages,
  deviceObject,
  type PeerSpec,
} from '../../src/wireguard/device/requests.ts';
import { wgdevice } from '../../src/wireguard/device/message.ts';
import { Writer } from '../../src/netlink/codec/bytes.ts';

/** A key for each number. */
const numbered = (n: number): string =>
  Buffer.from(Array.from({ length: 32 }, (_, i) => (i < 2 ? n >> (8 * i) : 7) & 0xff)).toString(
    'base64',
  );
const networks = (n: number): string[] =>
  Array.from({ length: n }, (_, i) => `2001:db8:${i.toString(16)}::/48`);

/** Every attribute has a length of 16 bits, and the send buffer of a socket is limited. */
const LONGEST = 65535;

test('wireguard: a request is split, what replaces is said once, nothing is lost', (t) => {
  const peers: PeerSpec[] = Array.from({ length: 400 }, (_, n) => ({
    publicKey: numbered(n),
    presharedKey: numbered(n),
    endpoint: { address: '2001:db8::1', port: n + 1 },
    allowedIps: networks(n === 7 ? 5000 : n % 3),
    replaceAllowedIps: true,
    updateOnly: n === 7,
  }));
  const messages = deviceMessages('wg0', {
    privateKey: numbered(1),
    listenPort: 7,
    peers,
    replacePeers: true,
  });
  t.true(messages.length > 4);
  const [first, ...others] = messages;
  t.like(first, {
    ifname: 'wg0',
    privateKey: numbered(1),
    listenPort: 7,
    flags: ['replace_peers'],
  });
  for (const { peers: some, ...rest } of others) {
    t.deepEqual(rest, { ifname: 'wg0' });
    t.true(some!.length > 0);
  }
  for (const attrs of messages) {
    const writer = new Writer();
    wgdevice.put(writer, { cmd: 'WG_CMD_SET_DEVICE', attrs });
    t.true(writer.at <= LONGEST, `${writer.at} bytes`);
  }
  const sent = messages.flatMap(({ peers: some = [] }) => some);
  const seen = new Set<string>();
  for (const { publicKey, flags } of sent) {
    const { updateOnly = false } = peers.find((peer) => peer.publicKey === publicKey)!;
    const wanted = [
      ...(seen.has(publicKey!) ? [] : ['replace_allowedips']),
      ...(updateOnly ? ['update_only'] : []),
    ];
    t.deepEqual(flags ?? [], wanted as never);
    seen.add(publicKey!);
  }
  const merged = deviceObject(messages.map((attrs) => ({ attrs }) as unknown as Wgdevice));
  t.deepEqual(
    merged.peers.map(({ publicKey, allowedIps }) => [publicKey, allowedIps]),
    peers.map(({ publicKey, allowedIps }) => [publicKey, allowedIps]),
  );
});

test('wireguard: what is left out of a request is not in the message', (t) => {
  t.deepEqual(deviceMessages(7, {}).map(withoutUndefined), [{ ifindex: 7 }]);
  t.deepEqual(deviceMessages('wg0', { peers: [], replacePeers: true }).map(withoutUndefined), [
    { ifname: 'wg0', flags: ['replace_peers'] },
  ]);
  const [message] = deviceMessages('wg0', { peers: [{ publicKey: numbered(1), remove: true }] });
  t.deepEqual(message!.peers!.map(withoutUndefined), [
    { publicKey: numbered(1), flags: ['remove_me'] },
  ]);
});

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
