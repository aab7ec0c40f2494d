/** Devices in the terms of wg(8): the flat objects, and the messages that set them. */
import { parsePrefix } from '../../ip.ts';
import { jsonText } from '../../printable.ts';
import { CodecError } from '../../errors.ts';
import { describe } from '../../netlink/codec/given.ts';
import type { Endpoint } from './endpoint.ts';
import { NO_KEY } from './wireguard-key.ts';
import type { Wgdevice, WgdeviceInput } from './message.ts';

/** A peer as the kernel describes it. Keys are base64. */
export interface PeerObject {
  readonly publicKey: string;
  /** Missing if there is none. */
  readonly presharedKey?: string;
  readonly endpoint?: Endpoint;
  /** `192.0.2.0/24`, … */
  readonly allowedIps: readonly string[];
  /** Seconds since 1970; missing if there was none. */
  readonly latestHandshake?: number;
  /** Bytes received. */
  readonly transferRx: bigint;
  /** Bytes sent. */
  readonly transferTx: bigint;
  /** Seconds; 0 if it is off. */
  readonly persistentKeepalive: number;
  readonly protocolVersion?: number;
}

/** A WireGuard link. */
export interface DeviceObject {
  readonly index: number;
  readonly ifname: string;
  /** Missing if there is none. */
  readonly privateKey?: string;
  readonly publicKey?: string;
  readonly listenPort: number;
  /** 0 if packets are not marked. */
  readonly fwmark: number;
  readonly peers: readonly PeerObject[];
}

/** A peer to add or change; keys that are left out stay as they are. */
export interface PeerSpec {
  readonly publicKey: string;
  /** `null` removes it. */
  readonly presharedKey?: string | null | undefined;
  readonly endpoint?: Endpoint | undefined;
  /** Networks or addresses. Another peer that has one of them loses it. */
  readonly allowedIps?: readonly string[] | undefined;
  /** Whether `allowedIps` replaces the peer's networks instead of being added to them. */
  readonly replaceAllowedIps?: boolean | undefined;
  /** Seconds; 0 turns it off. */
  readonly persistentKeepalive?: number | undefined;
  /** Whether to skip a peer that does not exist, instead of creating it. */
  readonly updateOnly?: boolean | undefined;
  /** Whether to remove the peer. */
  readonly remove?: boolean | undefined;
}

/** Changes to a device; keys that are left out stay as they are. */
export interface DeviceSpec {
  /** `null` removes it. */
  readonly privateKey?: string | null | undefined;
  /** 0 lets the kernel choose one. */
  readonly listenPort?: number | undefined;
  /** 0 turns it off. */
  readonly fwmark?: number | undefined;
  readonly peers?: readonly PeerSpec[] | undefined;
  /** Whether `peers` replaces the existing peers instead of being added to them. */
  readonly replacePeers?: boolean | undefined;
}

type DeviceAttrs = NonNullable<WgdeviceInput['attrs']>;
type PeerInput = NonNullable<DeviceAttrs['peers']>[number];
type AllowedIp = NonNullable<PeerInput['allowedips']>[number];
type PeerAttrs = NonNullable<Wgdevice['attrs']['peers']>[number];

export const deviceName = (dev: string | number): DeviceAttrs =>
  typeof dev === 'number' ? { ifindex: dev } : { ifname: dev };

const keyOf = (text: string | undefined): string | undefined =>
  text === NO_KEY ? undefined : text;

function peerObject(peer: PeerAttrs, parts: readonly PeerAttrs[]): PeerObject {
  const { sec = 0n, nsec = 0n } = peer.lastHandshakeTime ?? {};
  const presharedKey = keyOf(peer.presharedKey);
  return {
    publicKey: peer.publicKey ?? '',
    ...(presharedKey !== undefined && { presharedKey }),
    ...(peer.endpoint !== undefined && { endpoint: peer.endpoint }),
    allowedIps: parts.flatMap(({ allowedips = [] }) =>
      allowedips.map(({ ipaddr, cidrMask }) => `${ipaddr}/${cidrMask}`),
    ),
    ...((sec !== 0n || nsec !== 0n) && { latestHandshake: Number(sec) + Number(nsec) / 1e9 }),
    transferRx: peer.rxBytes ?? 0n,
    transferTx: peer.txBytes ?? 0n,
    persistentKeepalive: peer.persistentKeepaliveInterval ?? 0,
    ...(peer.protocolVersion !== undefined && { protocolVersion: peer.protocolVersion }),
  };
}

/**
 * The device in one or more messages of a dump: further messages continue the list of peers, and a
 * peer whose networks did not fit is repeated with more of them.
 */
export function deviceObject(messages: readonly Wgdevice[]): DeviceObject {
  const a = messages[0]?.attrs ?? {};
  const peers = new Map<string, PeerAttrs[]>();
  for (const { attrs } of messages) {
    for (const peer of attrs.peers ?? []) {
      const known = peers.get(peer.publicKey ?? '');
      if (known === undefined) peers.set(peer.publicKey ?? '', [peer]);
      else known.push(peer);
    }
  }
  const privateKey = keyOf(a.privateKey);
  const publicKey = keyOf(a.publicKey);
  return {
    index: a.ifindex ?? 0,
    ifname: a.ifname ?? '',
    ...(privateKey !== undefined && { privateKey }),
    ...(publicKey !== undefined && { publicKey }),
    listenPort: a.listenPort ?? 0,
    fwmark: a.fwmark ?? 0,
    peers: [...peers.values()].map((parts) => peerObject(parts[0]!, parts)),
  };
}

function allowedIp(text: string): AllowedIp {
  const isText = typeof text === 'string';
  const prefix = isText
    ? text.includes('/')
      ? text
      : `${text}/${text.includes(':') ? 128 : 32}`
    : '';
  const found = parsePrefix(prefix);
  if (found === undefined) {
    throw new CodecError(`allowedIps: ${describe(text)} is neither a network nor an address`);
  }
  const [ipaddr] = prefix.split('/');
  return {
    family: found.width === 128 ? 'inet6' : 'inet',
    ipaddr: ipaddr!,
    cidrMask: found.length,
  };
}

const PEER_KEYS = [
  'publicKey',
  'presharedKey',
  'endpoint',
  'allowedIps',
  'replaceAllowedIps',
  'persistentKeepalive',
  'updateOnly',
  'remove',
];
const DEVICE_KEYS = ['privateKey', 'listenPort', 'fwmark', 'peers', 'replacePeers'];
/** Keys that an object has but that cannot be set: `set` and `addPeer` accept and ignore them. */
const TOLD = ['latestHandshake', 'transferRx', 'transferTx', 'protocolVersion'];
const TOLD_OF_DEVICE = ['index', 'ifname', 'publicKey'];

/** A misspelt key would leave something open that was to be closed. */
function refuseOthers(what: string, spec: object, known: readonly string[]): void {
  const other = Object.keys(spec).find((each) => !known.includes(each));
  if (other !== undefined) throw new CodecError(`${what} has no ${jsonText(other)}`);
}

function peerMessage(spec: PeerSpec): PeerInput {
  if (typeof spec !== 'object' || spec === null) {
    throw new CodecError(`${describe(spec)} is not a peer`);
  }
  refuseOthers('a peer', spec, [...PEER_KEYS, ...TOLD]);
  if (spec.publicKey === undefined) throw new CodecError('a peer needs a publicKey');
  const flags = [
    ...(spec.remove === true ? (['remove_me'] as const) : []),
    ...(spec.replaceAllowedIps === true ? (['replace_allowedips'] as const) : []),
    ...(spec.updateOnly === true ? (['update_only'] as const) : []),
  ];
  return {
    publicKey: spec.publicKey,
    presharedKey: spec.presharedKey === null ? NO_KEY : spec.presharedKey,
    flags: flags.length === 0 ? undefined : flags,
    endpoint: spec.endpoint,
    persistentKeepaliveInterval: spec.persistentKeepalive,
    allowedips: spec.allowedIps?.map(allowedIp),
  };
}

/*
 * Bytes of one message. Attributes have lengths of 16 bits, and the socket a send buffer of 200 kB;
 * half of the first leaves room for everything else.
 */
const ROOM = 32_768;
/** The largest peer without its networks: two keys, flags, endpoint, keepalive and headers. */
const PEER = 136;
/** The largest network: family, IPv6 address, length, and headers. */
const NETWORK = 40;

/**
 * The messages that set a device. Each further message continues with the peers, and a peer with
 * many networks continues with those.
 */
export function deviceMessages(dev: string | number, spec: DeviceSpec): DeviceAttrs[] {
  refuseOthers('a device', spec, [...DEVICE_KEYS, ...TOLD_OF_DEVICE]);
  const { privateKey, listenPort, fwmark, peers, replacePeers } = spec;
  const name = deviceName(dev);
  let part: PeerInput[] = [];
  const parts = [part];
  let room = ROOM;
  const more = (): void => {
    part = [];
    parts.push(part);
    room = ROOM;
  };
  for (const peer of (peers ?? []).map(peerMessage)) {
    let { allowedips } = peer;
    let given = peer;
    for (;;) {
      if (room < PEER + NETWORK) more();
      const count = Math.floor((room - PEER) / NETWORK);
      const first = allowedips?.slice(0, count);
      part.push({ ...given, allowedips: first });
      room -= PEER + NETWORK * (first?.length ?? 0);
      allowedips = allowedips?.slice(count);
      if (allowedips === undefined || allowedips.length === 0) break;
      given = { publicKey: peer.publicKey, flags: peer.flags && onlyUpdate(peer.flags) };
    }
  }
  return parts.map((each, i) => ({
    ...name,
    ...(i === 0 && {
      privateKey: privateKey === null ? NO_KEY : privateKey,
      flags: replacePeers === true ? (['replace_peers'] as const) : undefined,
      listenPort,
      fwmark,
    }),
    peers: each.length === 0 ? undefined : each,
  }));
}

/** Replacing again would remove what the previous message added. */
const onlyUpdate = (flags: NonNullable<PeerInput['flags']>): PeerInput['flags'] => {
  const left = flags.filter((flag) => flag === 'update_only');
  return left.length === 0 ? undefined : left;
};
