/**
 * A pair of links driven by BPF programs: `IFLA_INFO_DATA` of kind `netkit`, since Linux 6.7.
 *
 * include/uapi/linux/if_link.h, `IFLA_NETKIT_*`; ip-link(8), "netkit";
 * `ip link add nk0 type netkit peer name nk1`.
 */
import {
  attr,
  attrs,
  type Attr,
  type AttributeSet,
  type Values,
  type ValuesIn,
} from '../../../netlink/codec/attributes.ts';
import { bool8, s32, u16, u32, type Codec } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import type { LinkPeer, LinkPeerInput } from '../message.ts';
import type { LinkPeerSpec } from '../object.ts';

/** `NETKIT_PASS`, `NETKIT_DROP`: the fate of packets without a program's verdict. */
const policy = enumOf(s32, { forward: 0, blackhole: 2 });
const mode = enumOf(u32, { l2: 0, l3: 1 });
/** `NETKIT_SCRUB_*`: whether marks and priorities are cleared on the way. */
const scrub = enumOf(u32, { none: 0, default: 1 });

const own = {
  primary: attr('IFLA_NETKIT_PRIMARY', 2, bool8, 'whether this end may attach programs to both'),
  policy: attr('IFLA_NETKIT_POLICY', 3, policy, 'default verdict of this end'),
  peerPolicy: attr('IFLA_NETKIT_PEER_POLICY', 4, policy, 'default verdict of the other end'),
  mode: attr('IFLA_NETKIT_MODE', 5, mode, 'layer 2 or layer 3'),
  scrub: attr('IFLA_NETKIT_SCRUB', 6, scrub, 'what this end clears'),
  peerScrub: attr('IFLA_NETKIT_PEER_SCRUB', 7, scrub, 'what the other end clears'),
  headroom: attr('IFLA_NETKIT_HEADROOM', 8, u16, 'bytes reserved before a packet'),
  tailroom: attr('IFLA_NETKIT_TAILROOM', 9, u16, 'bytes reserved after a packet'),
} as const;

export interface NetkitData extends Values<typeof own> {
  /** The other end. `IFLA_NETKIT_PEER_INFO` */
  readonly peerInfo?: LinkPeer;
}
export interface NetkitDataInput extends ValuesIn<typeof own> {
  /** The other end: a link message without its type. `IFLA_NETKIT_PEER_INFO` */
  readonly peerInfo?: LinkPeerInput | undefined;
}
export interface NetkitDataSpec extends ValuesIn<typeof own> {
  /** The other end: `{ ifname: 'nk1' }`. `IFLA_NETKIT_PEER_INFO` */
  readonly peerInfo?: LinkPeerSpec | undefined;
}
export type NetkitSet = AttributeSet<
  NetkitData,
  NetkitDataInput,
  { readonly peerInfo: Attr<LinkPeer, LinkPeerInput> } & typeof own
>;

/** The attribute set; `peer` comes from `message.ts`, as for `veth`. */
export const netkit = (peer: Codec<LinkPeer, LinkPeerInput>): NetkitSet =>
  attrs({
    peerInfo: attr(
      'IFLA_NETKIT_PEER_INFO',
      1,
      peer,
      'the other end: a link message without its type',
    ),
    ...own,
  });
