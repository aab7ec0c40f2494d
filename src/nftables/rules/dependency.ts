/**
 * Dependencies: the matches that nft puts in front of a field by itself, such as `meta l4proto tcp` in front of `tcp dport`, and
 * leaves out again when it prints them.
 *
 * A match is left out only where nft would make the very same one again at the very same place. `ip protocol tcp tcp dport 22`
 * keeps its first half: nft would make `meta l4proto tcp` of its absence, which IPv6 packets match too.
 *
 * nftables, src/payload.c, payload_gen_dependency; seen with nft 1.0.6 and `--debug=netlink`.
 */

export type Layer = 'link' | 'network' | 'transport';

/** What a field takes for granted: `tcp dport` that the transport protocol is `tcp`. */
export interface Need {
  readonly layer: Layer;
  readonly protocol: string;
}

/** Protocols that are known at a place of a rule, by layer. */
export type Known = Readonly<Partial<Record<Layer, string>>>;

/** A match that makes a protocol known. */
interface Dependency {
  /** What is compared: `meta l4proto`. */
  readonly field: string;
  readonly layer: Layer;
  readonly protocol: string;
}

/** Matches by which a rule makes sure of a protocol, and of which layer. */
const LAYERS: Readonly<Record<string, Layer>> = {
  'meta iiftype': 'link',
  'meta nfproto': 'network',
  'meta protocol': 'network',
  'ether type': 'network',
  'meta l4proto': 'transport',
  'ip protocol': 'transport',
  'ip6 nexthdr': 'transport',
};

/** Protocols below the network layer that carry others: what is known behind them is not known here. */
const CARRIERS = new Set(['8021q', '8021ad']);

/** What a rule of a table family knows before its first word. */
export function knownOf(family: string): Known {
  if (family === 'ip' || family === 'ip6') return { network: family };
  // What passes a bridge has an Ethernet header.
  return family === 'bridge' ? { link: 'ether' } : {};
}

/** What a match for equality makes known; undefined when nothing. */
export function dependencyOf(
  family: string,
  field: string,
  protocol: string | undefined,
): Dependency | undefined {
  const layer = LAYERS[field];
  if (layer === undefined || protocol === undefined) return undefined;
  // In these families the type of the packet says nothing that counts for nft.
  if (field === 'meta protocol' && family !== 'bridge' && family !== 'netdev') return undefined;
  return { field, layer, protocol };
}

export function learn(known: Known, { layer, protocol }: Dependency): Known {
  const now = { ...known, [layer]: protocol };
  // From here on offsets count from another header than nft's names do.
  return CARRIERS.has(protocol) ? { ...now, network: protocol, transport: 'unknown' } : now;
}

/** Behind a match with several protocols none of them is known, whatever was known before. */
export function forget(known: Known, fields: readonly string[]): Known {
  const layers = fields.map((field) => LAYERS[field]).filter((layer) => layer !== undefined);
  return layers.reduce((now, layer) => ({ ...now, [layer]: 'unknown' }), known);
}

/** The matches that nft makes for a field, in its order; undefined where it knows another protocol, and refuses. */
function madeFor(
  family: string,
  known: Known,
  { layer, protocol }: Need,
): Dependency[] | undefined {
  const already = known[layer];
  if (already !== undefined) return already === protocol ? [] : undefined;
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
  // There is an ICMP for each family, so its name says the family too.
  if (below === undefined || known.network !== undefined) return [own];
  const first = madeFor(family, known, { layer: 'network', protocol: below });
  if (first === undefined) return undefined;
  const [network] = first;
  const isBridge = family === 'bridge';
  return [isBridge ? { ...network!, field: 'ether type' } : network!, own];
}

/** The matches that nft makes for all fields of a statement, in its order. */
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

/** The words of a rule, with what is known in front of each and what it adds. */
export interface Word {
  text: string;
  readonly known: Known;
  readonly dependency?: Dependency | undefined;
}

/**
 * Leaves out the words at the end that nft makes again for a statement with these needs. False when it would make others: then the
 * fields cannot be called by their names here.
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
