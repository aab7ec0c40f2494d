/**
 * A pair of virtual Ethernet devices: `IFLA_INFO_DATA` of kind `veth`.
 *
 * include/uapi/linux/veth.h, veth(4); `ip link add veth0 type veth peer name eth0 netns box`. The kernel sends no
 * data for this kind: the other end is `IFLA_LINK` and `IFLA_LINK_NETNSID`.
 */
import {
  attr,
  attrs,
  type Attr,
  type AttributeSet,
  type Values,
  type ValuesIn,
} from '../../../netlink/codec/attributes.ts';
import type { Codec, Input, Static } from '../../../netlink/codec/codec.ts';
import type { LinkPeer, LinkPeerInput } from '../message.ts';

interface VethAttributes {
  readonly peer: Attr<LinkPeer, LinkPeerInput>;
}
export type VethSet = AttributeSet<
  Values<VethAttributes>,
  ValuesIn<VethAttributes>,
  VethAttributes
>;

/** The set; `peer` comes from `message.ts`, since a peer is a link and a link holds this set. */
export const veth = (peer: Codec<LinkPeer, LinkPeerInput>): VethSet =>
  attrs({
    peer: attr(
      'VETH_INFO_PEER',
      1,
      peer,
      'the other end: a link message in small. Up is refused here; its index only counts beside one for the main end',
    ),
  });

export type Veth = Static<VethSet>;
export type VethInput = Input<VethSet>;
