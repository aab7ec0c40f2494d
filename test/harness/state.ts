/**
 * The state of a namespace that an attachment may change, as lines.
 *
 * The lines are those of `ip`, `bridge` and `nft`, which take a dozen processes. A state that has
 * been printed is recognised by the bytes of its dumps, so that programs run only for a new state.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { viewOf } from '../../src/netlink/codec/bytes.ts';
import { NLMSG_HDRLEN } from '../../src/netlink/constants.ts';
import { familyAt } from '../../src/netlink/codec/datagram.ts';
import { frames, payloadCodec } from '../../src/netlink/codec/frame.ts';
import { openNftables } from '../../src/nftables/open.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import type { Namespace } from './namespace.ts';
import { rawDump } from './raw-dump.ts';

const TEXT = `
printf 'link\naddr\nroute show table all\n-6 route show table all\n' | ip -d -o -batch -
bridge -compressvlans vlan | tr -s '\t \n' ' '; echo; bridge fdb | grep -E ' (permanent|static)'; nft list ruleset 2>/dev/null; true`;

/** What changes by itself, shortly after a link came up or lost its last port. */
const VOLATILE =
  /\b\w+_timer +[0-9.]+|\b(tentative|dynamic|linkdown)\b|NO-CARRIER,|,(LOWER_UP|M-DOWN)|state [A-Z]+|\b(bridge_id|designated_(root|bridge)) \S+|\btso_max_size \d+|_lft \S+/g;
const LINK_LOCAL = /\bfe80::|\bff00::|\b33:33:|\b01:00:5e:/;

/** The dumps behind the text. */
const DUMPS = [
  ['RTM_GETLINK', { attrs: { extMask: ['skip_stats'] } }],
  ['RTM_GETLINK', { family: 'bridge', attrs: { extMask: ['brvlan_compressed', 'skip_stats'] } }],
  ['RTM_GETADDR', {}],
  ['RTM_GETROUTE', { family: 'inet' }],
  ['RTM_GETROUTE', { family: 'inet6' }],
  ['RTM_GETNEIGH', { family: 'bridge' }],
] as const;
/** Attributes that change by themselves and are not in the text, or are removed from it. */
const UNSAID =
  /_TIMER$|^IFLA_CARRIER_(CHANGES|(UP|DOWN)_COUNT)$|^(IFA|IFLA_INET6|NDA)_CACHEINFO$|^IFLA_INET6_(ICMP6)?STATS$/;

/** Lines by namespace, and by the bytes of its state. */
const printed = new WeakMap<Namespace, Map<string, readonly string[]>>();

export function stateOf(namespace: Namespace): string[] {
  const known = printed.get(namespace) ?? new Map<string, readonly string[]>();
  printed.set(namespace, known);
  const bytes = bytesOf(namespace);
  const lines = known.get(bytes) ?? print(namespace);
  // Nothing has changed while it was printed.
  if (!known.has(bytes) && bytesOf(namespace) === bytes) known.set(bytes, lines);
  return [...lines, ...namespace.run(settings)];
}

function print(namespace: Namespace): string[] {
  const lines = namespace.exec('bash', '-c', TEXT).split('\n');
  return lines
    .filter((line) => line !== '' && !LINK_LOCAL.test(line))
    .map((line) => line.replaceAll(VOLATILE, '').replaceAll(/\s+/g, ' ').trim());
}

function bytesOf(namespace: Namespace): string {
  const dumps = DUMPS.map(([type, payload]) =>
    rawDump(namespace, type, payload).map(masked).join('\n'),
  );
  return [...dumps, generationOf(namespace)].join('\n\n');
}

/** A message without what is volatile. */
function masked(message: Uint8Array): string {
  const bytes = Buffer.from(message);
  const view = viewOf(bytes);
  for (const { header, at, end } of frames(view)) {
    const start = at + NLMSG_HDRLEN;
    const codec = payloadCodec(rtnetlink, header, familyAt(view, start, end));
    codec.walk?.(
      view,
      start,
      end,
      ({ name, body, end }) => UNSAID.test(name) && bytes.fill(0, body, end),
      0,
    );
  }
  return bytes.toString('latin1', NLMSG_HDRLEN);
}

/** Incremented by each change of the ruleset; the same number means the same ruleset. */
function generationOf(namespace: Namespace): number | undefined {
  try {
    using nft = openNftables({ netns: namespace.path });
    return nft.generation();
  } catch {
    // This kernel has no nf_tables.
    return undefined;
  }
}

const IPV6 = ['forwarding', 'accept_ra', 'disable_ipv6', 'accept_dad', 'keep_addr_on_down'];

/** The settings of the namespace that the thread is in. */
function settings(): string[] {
  const of = (family: string, names: readonly string[]): string[] =>
    present(() => readdirSync(`/proc/sys/net/${family}/conf`)).flatMap((dev) =>
      names.map((name) => `net/${family}/conf/${dev}/${name}`),
    );
  const paths = ['net/ipv4/ip_forward', ...of('ipv4', ['arp_notify']), ...of('ipv6', IPV6)];
  return paths.flatMap((path) =>
    present(() => [`${path}:${readFileSync(`/proc/sys/${path}`, 'utf8').trim()}`]),
  );
}

/** A kernel may lack a family, and interfaces may go away. */
function present(read: () => string[]): string[] {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
