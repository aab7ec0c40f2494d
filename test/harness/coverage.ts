/**
 * How much of the declarations the fixtures show: for each attribute set how many attributes are
 * declared, have a type, occur in a fixture, or have a reason why they do not.
 */
import { nlmsgerrAttrs, policy } from '../../src/netlink/codec/ack.ts';
import type { Attr } from '../../src/netlink/codec/attributes.ts';
import { viewOf } from '../../src/netlink/codec/bytes.ts';
import { bytes, type Codec } from '../../src/netlink/codec/codec.ts';
import { NETLINK_GENERIC, NLMSG_HDRLEN } from '../../src/netlink/constants.ts';
import {
  attributesOf,
  setsIn,
  setsOf,
  type DeclaredSet,
} from '../../src/netlink/codec/declared-sets.ts';
import { protocol } from '../../src/netlink/codec/message.ts';
import { frames, payloadCodec } from '../../src/netlink/codec/frame.ts';
import { familyAt } from '../../src/netlink/codec/datagram.ts';
import { ctnetlink } from '../../src/conntrack/ctnetlink.ts';
import { sockDiag } from '../../src/diag/sock-diag.ts';
import { DECLARED_FAMILIES } from '../../src/cli/genl-families.ts';
import { generic } from '../../src/genl/generic.ts';
import { nftables } from '../../src/nftables/nf-tables.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { trafficControl } from '../../src/tc/traffic-control.ts';
import { packetLog } from '../../src/nflog/packet-log.ts';
import { packetQueue } from '../../src/nfqueue/packet-queue.ts';
import { ipsec } from '../../src/xfrm/ipsec.ts';
import { EXCEPTIONS } from '../fixture-exceptions.ts';
import type { Fixture } from './fixture.ts';

/** The attributes of a set, by category. */
export interface SetCoverage extends DeclaredSet {
  readonly declared: readonly Attr[];
  /** All except those whose value is raw bytes. */
  readonly typed: readonly Attr[];
  readonly inFixtures: readonly Attr[];
  /** Those that have a reason instead. */
  readonly excepted: readonly Attr[];
  /** Those that have neither. */
  readonly unexplained: readonly Attr[];
}

export const COLUMNS = ['declared', 'typed', 'inFixtures', 'excepted', 'unexplained'] as const;
export type Column = (typeof COLUMNS)[number];

/** The connection of a packet is that of connection tracking. */
const isOwn = ({ path }: DeclaredSet): boolean => !/\/(NFULA_CT|NFQA_CT|NFQA_EXP)(\/|$)/.test(path);

/** Groups of sets: by protocol, and what the kernel says about a request of any protocol. */
export const GROUPS: Readonly<Record<string, () => DeclaredSet[]>> = {
  rtnetlink: () => setsOf(rtnetlink),
  nftables: () => setsOf(nftables),
  // The policies in it are those of the acknowledgements.
  genl: () => setsOf(generic).filter(({ set }) => set.attributes !== policy.attributes),
  diag: () => setsOf(sockDiag),
  conntrack: () => setsOf(ctnetlink),
  ...Object.fromEntries(
    DECLARED_FAMILIES.map(({ name, messages }) => [
      name,
      () => setsOf(protocol(name, NETLINK_GENERIC, messages)),
    ]),
  ),
  tc: () => setsOf(trafficControl),
  xfrm: () => setsOf(ipsec),
  nfqueue: () => setsOf(packetQueue).filter(isOwn),
  nflog: () => setsOf(packetLog).filter(isOwn),
  acknowledgements: () => setsIn(nlmsgerrAttrs, 'ack'),
};

/**
 * The fixtures that hold an attribute, by name and codec: one name may mean different things in two
 * sets.
 */
export class Shown {
  readonly #fixtures = new Map<string, Map<Codec<any, any>, string[]>>();

  constructor(fixtures: readonly Fixture[]) {
    for (const fixture of fixtures) this.#add(fixture);
  }

  /** Names of fixtures, sorted. */
  of({ name, codec }: Attr): readonly string[] {
    const byCodec = this.#fixtures.get(name) ?? new Map<Codec<any, any>, string[]>();
    // An attribute whose codec is selected by another one is recorded under the selected codec.
    if ('select' in codec) return [...new Set([...byCodec.values()].flat())].sort();
    return byCodec.get(codec) ?? [];
  }

  #add({ name: fixture, protocol, bytes: datagram }: Fixture): void {
    const view = viewOf(datagram);
    for (const { header, at, end } of frames(view)) {
      const start = at + NLMSG_HDRLEN;
      const codec = payloadCodec(protocol, header, familyAt(view, start, end));
      codec.walk?.(view, start, end, (part) => this.#note(part.name, part.codec, fixture), 0);
    }
  }

  #note(name: string, codec: Codec<any, any>, fixture: string): void {
    const byCodec = this.#fixtures.get(name) ?? new Map<Codec<any, any>, string[]>();
    this.#fixtures.set(name, byCodec);
    const list = byCodec.get(codec) ?? [];
    byCodec.set(codec, list);
    if (list.at(-1) !== fixture) list.push(fixture);
  }
}

/**
 * The keys of an attribute in the list of exceptions: its name, or its name after the path of its
 * set.
 */
export const keysOf = ({ path }: DeclaredSet, { name }: Attr): readonly string[] => [
  name,
  `${path}/${name}`,
];

export const reasonFor = (set: DeclaredSet, attr: Attr): string | undefined =>
  keysOf(set, attr)
    .map((key) => EXCEPTIONS[key])
    .find((reason) => reason !== undefined);

export function coverageOf(sets: readonly DeclaredSet[], shown: Shown): SetCoverage[] {
  return sets.map((declared) => {
    const attributes = attributesOf(declared.set);
    const missing = attributes.filter((attr) => shown.of(attr).length === 0);
    return {
      ...declared,
      declared: attributes,
      typed: attributes.filter(({ codec }) => codec !== bytes),
      inFixtures: attributes.filter((attr) => !missing.includes(attr)),
      excepted: missing.filter((attr) => reasonFor(declared, attr) !== undefined),
      unexplained: missing.filter((attr) => reasonFor(declared, attr) === undefined),
    };
  });
}

/** How many there are. An attribute that several sets share counts once. */
export const countOf = (rows: readonly SetCoverage[], column: Column): number =>
  new Set(rows.flatMap((row) => row[column].map(identityOf))).size;

/** Sets that share an attribute share its codec and its line of documentation. */
const identities = new Map<Codec<any, any>, Map<string, object>>();
function identityOf({ name, id, codec, doc }: Attr): object {
  const ofCodec = identities.get(codec) ?? new Map<string, object>();
  identities.set(codec, ofCodec);
  const key = `${name} ${id} ${doc}`;
  const identity = ofCodec.get(key) ?? {};
  ofCodec.set(key, identity);
  return identity;
}
