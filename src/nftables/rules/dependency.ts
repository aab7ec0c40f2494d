/**
 * Dependencies: the matches that nft implicitly adds before a field, such as `meta l4proto tcp`
 * before `tcp dport`, and omits when it prints them.
 *
 * A match is omitted only if nft would generate the same match at the same place.
 * `ip protocol tcp tcp dport 22` keeps its first half: without it nft would generate
 * `meta l4proto tcp`, which also matches IPv6 packets.
 *
 * nftables, src/payload.c, payload_gen_dependency; seen with nft 1.0.6 and `--debug=netlink`.
 */

export type Layer = 'link' | 'network' | 'transport' | 'inner network' | 'inner transport';

/** What a field presupposes: `tcp dport` needs the transport protocol `tcp`. */
export interface Need {
  readonly layer: Layer;
  readonly protocol: string;
  /** The tunnel of an inner layer. */
  readonly tunnel?: string;
}

/** The protocols known at a point of a rule, by layer. */
export type Known = Readonly<Partial<Record<Layer, string>>>;

/** A match that determines a protocol. */
interface Dependency {
  /** The field it compares: `meta l4proto`. */
  readonly field: string;
  readonly layer: Layer;
  readonly protocol: string;
}

/** The matches that determine a protocol, with its layer. */
const LAYERS: Readonly<Record<string, Layer>> = {
  'meta iiftype': 'link',
  'meta nfproto': 'network',
  'meta protocol': 'network',
  'ether type': 'network',
  'meta l4proto': 'transport',
  'ip protocol': 'transport',
  'ip6 nexthdr': 'transport',
};

/** The same for a packet inside a tunnel, for which nft has no syntax: `vxlan meta protocol`. */
const INNER_LAYERS: Readonly<Record<string, Layer>> = {
  'meta protocol': 'inner network',
  'meta l4proto': 'inner transport',
};
export const TUNNELS: readonly (string | number | undefined)[] = [
  'vxlan',
  'geneve',
  'gre',
  'gretap',
];

/** Link-layer protocols that carry others: the protocol inside is not tracked here. */
const CARRIERS = new Set(['8021q', '8021ad']);

/** What a rule of a table family knows at its start. */
export function knownOf(family: string): Known {
  if (family === 'ip' || family === 'ip6') return { network: family };
  // A packet on a bridge has an Ethernet header.
  return family === 'bridge' ? { link: 'ether' } : {};
}

/** What a match for equality determines; undefined if nothing. */
export function dependencyOf(
  family: string,
  field: string,
  protocol: string | undefined,
): Dependency | undefined {
  const [tunnel = '', ...inside] = field.split(' ');
  const layer = TUNNELS.includes(tunnel) ? INNER_LAYERS[inside.join(' ')] : LAYERS[field];
  if (layer === undefined || protocol === undefined) return undefined;
  // In these families nft does not rely on the packet type.
  if (field === 'meta protocol' && family !== 'bridge' && family !== 'netdev') return undefined;
  return { field, layer, protocol };
}

export function learn(known: Known, { layer, protocol }: Dependency): Known {
  const now = { ...known, [layer]: protocol };
  // From here on offsets are relative to another header than those of nft's names.
  return CARRIERS.has(protocol) ? { ...now, network: protocol, transport: 'unknown' } : now;
}

/** A match with several protocols determines none of them, whatever was known before. */
export function forget(known: Known, fields: readonly string[]): Known {
  const layers = fields.map((field) => LAYERS[field]).filter((layer) => layer !== undefined);
  return layers.reduce((now, layer) => ({ ...now, [layer]: 'unknown' }), known);
}

/**
 * The matches that nft generates for a field, in order; undefined if it knows another protocol and
 * refuses.
 */
function madeFor(
  family: string,
  known: Known,
  { layer, protocol, tunnel }: Need,
): Dependency[] | undefined {
  const already = known[layer];
  if (already !== undefined) return already === protocol ? [] : undefined;
  if (layer === 'inner network') {
    return [{ field: `${tunnel} meta protocol`, layer, protocol }];
  }
  if (layer === 'inner transport') {
    return [{ field: `${tunnel} meta l4proto`, layer, protocol }];
  }
  if (layer === 'link') return [{ field: 'meta iiftype', layer, protocol }];
  if (layer === 'network') {
    const field =
      family === 'inet'
        ? 'meta nfproto'
        : family === 'bridge' || family === 'netdev'
          ? 'meta protocol'
          : undefined;
    return field === undefined ? undefined : [{ field, layer, protocol }];
  }
  const own: Dependency = { field: 'meta l4proto', layer, protocol };
  const below = { icmp: 'ip', icmpv6: 'ip6' }[protocol];
  // Each family has its own ICMP, so its name determines the family too.
  if (below === undefined || known.network !== undefined) return [own];
  const first = madeFor(family, known, { layer: 'network', protocol: below });
  if (first === undefined) return undefined;
  const [network] = first;
  const isBridge = family === 'bridge';
  return [isBridge ? { ...network!, field: 'ether type' } : network!, own];
}

/** The matches that nft generates for all fields of a statement, in order. */
export function madeForAll(
  family: string,
  known: Known,
  needs: readonly Need[],
): Dependency[] | undefined {
  const made: Dependency[] = [];
  let now = known;
  for (const need of needs) {
    const these = madeFor(family, now, need);
    if (these === undefined) return undefined;
    for (const dependency of these) {
      made.push(dependency);
      now = learn(now, dependency);
    }
  }
  return made;
}

/** A match or statement of a rule, with what is known before it and what it adds. */
export interface Word {
  text: string;
  readonly known: Known;
  readonly dependency?: Dependency | undefined;
}

/**
 * Omits the trailing matches that nft would generate for a statement with these needs. False if it
 * would generate others: then the fields cannot be named here.
 */
export function leaveOut(
  words: readonly Word[],
  known: Known,
  family: string,
  needs: readonly Need[],
): boolean {
  let first = words.length;
  while (first > 0 && words[first - 1]!.dependency !== undefined && words[first - 1]!.text !== '') {
    first--;
  }
  for (let from = first; from <= words.length; from++) {
    const made = madeForAll(family, words[from]?.known ?? known, needs);
    const there = words.slice(from);
    const isSame =
      made?.length === there.length &&
      made.every(({ field, protocol }, i) => {
        const { dependency } = there[i]!;
        return dependency!.field === field && dependency!.protocol === protocol;
      });
    if (!isSame) continue;
    for (const word of there) word.text = '';
    return true;
  }
  return false;
}
