/**
 * A pair of virtual Ethernet devices: `IFLA_INFO_DATA` of kind `veth`.
 *
 * include/uapi/linux/veth.h, veth(4); `ip link add veth0 type veth peer name eth0 netns box`. The
 * kernel reports no data for this kind: the other end is in `IFLA_LINK` and `IFLA_LINK_NETNSID`.
 */
import {
  attr,
  attrs,
  type Attr,
  type AttributeSet,
  type UnknownAttrs,
  type UnknownAttrsIn,
} from '../../../netlink/codec/attributes.ts';
import type { Codec } from '../../../netlink/codec/codec.ts';
import type { LinkPeer, LinkPeerInput } from '../message.ts';
import type { LinkPeerSpec } from '../object.ts';

export interface VethData extends UnknownAttrs {
  /** The other end. `VETH_INFO_PEER` */
  readonly peer?: LinkPeer;
}
export interface VethDataInput extends UnknownAttrsIn {
  /**
   * The other end: a link message without its type. It cannot be set up here; its index is used
   * only if the main end has one too. `VETH_INFO_PEER`
   */
  readonly peer?: LinkPeerInput | undefined;
}
export interface VethDataSpec extends UnknownAttrsIn {
  /** The other end: `{ ifname: 'eth0' }`. `VETH_INFO_PEER` */
  readonly peer?: LinkPeerSpec | undefined;
}
export type VethSet = AttributeSet<
  VethData,
  VethDataInput,
  { readonly peer: Attr<LinkPeer, LinkPeerInput> }
>;

/**
 * The attribute set; `peer` comes from `message.ts`, because a peer is a link and a link contains
 * this set.
 */
export const veth = (peer: Codec<LinkPeer, LinkPeerInput>): VethSet =>
  attrs({
    peer: attr(
      'VETH_INFO_PEER',
      1,
      peer,
      'the other end: a link message without its type. It cannot be set up here; its index is used only if the main end has one too',
    ),
  });
