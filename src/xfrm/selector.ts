/** Which packets a state or a policy is for, in the terms of ip-xfrm(8). */
import { CodecError } from '../errors.ts';
import { formatAddress, parsePrefixOrAddress } from '../ip.ts';
import type { Input, Static } from '../netlink/codec/codec.ts';
import { inFamily } from './address.ts';
import type { xfrmSelector } from './structs.ts';

type Selector = Static<typeof xfrmSelector>;
type SelectorInput = Input<typeof xfrmSelector>;

/** A key that is left out matches everything. */
export interface SelectorObject {
  /** `192.0.2.0/24`. */
  readonly src: string;
  readonly dst: string;
  readonly proto?: Selector['proto'];
  readonly sport?: number;
  readonly dport?: number;
  readonly sportMask?: number;
  readonly dportMask?: number;
  readonly ifindex?: number;
  readonly user?: number;
}

export type SelectorSpec = {
  readonly [K in keyof SelectorObject]?: SelectorObject[K] | undefined;
};

type XfrmFamily = Selector['family'];

export function selectorObject(selector: Selector): SelectorObject {
  const { daddr, saddr, prefixlenD, prefixlenS, family, proto } = selector;
  const { sport, dport, sportMask, dportMask, ifindex, user } = selector;
  return {
    src: `${inFamily(saddr, family)}/${prefixlenS}`,
    dst: `${inFamily(daddr, family)}/${prefixlenD}`,
    ...(proto !== 'any' && { proto }),
    ...(sportMask !== 0 && { sport }),
    ...(dportMask !== 0 && { dport }),
    ...(sportMask !== 0 && sportMask !== 0xffff && { sportMask }),
    ...(dportMask !== 0 && dportMask !== 0xffff && { dportMask }),
    ...(ifindex !== 0 && { ifindex }),
    ...(user !== 0 && { user }),
  };
}

function prefix(text: string): { address: string; length: number; family: XfrmFamily } {
  const found = parsePrefixOrAddress(text);
  if (found === undefined) throw new CodecError(`"${text}" is neither an IP address nor a prefix`);
  return {
    address: formatAddress(found.address),
    length: found.length,
    family: found.address.family === 4 ? 'inet' : 'inet6',
  };
}

/** The family of the selector follows from its prefixes; without any, it is `otherwise`. */
export function selectorMessage(
  { src, dst, sport, dport, sportMask, dportMask, ...rest }: SelectorSpec,
  otherwise: XfrmFamily,
): SelectorInput {
  const from = src === undefined ? undefined : prefix(src);
  const to = dst === undefined ? undefined : prefix(dst);
  if (from !== undefined && to !== undefined && from.family !== to.family) {
    throw new CodecError(`sel: "${src}" and "${dst}" are of different families`);
  }
  return {
    ...rest,
    saddr: from?.address,
    daddr: to?.address,
    prefixlenS: from?.length,
    prefixlenD: to?.length,
    family: from?.family ?? to?.family ?? otherwise,
    sport,
    dport,
    sportMask: sportMask ?? (sport === undefined ? undefined : 0xffff),
    dportMask: dportMask ?? (dport === undefined ? undefined : 0xffff),
  };
}

/** `out 192.0.2.0/24 198.51.100.0/24`, for errors. */
export function selectorText(
  dir: string | number | undefined,
  { saddr = '', daddr = '', prefixlenS = 0, prefixlenD = 0 }: SelectorInput = {},
): string {
  const words = [dir ?? '', saddr && `${saddr}/${prefixlenS}`, daddr && `${daddr}/${prefixlenD}`];
  return words.filter((word) => word !== '').join(' ');
}
