/**
 * A pair of virtual devices: `IFLA_INFO_DATA` of the kinds `veth` (Ethernet) and `vxcan` (CAN).
 *
 * include/uapi/linux/veth.h, include/uapi/linux/can/vxcan.h; veth(4), ip-link(8), "VXCAN";
 * `ip link add veth0 type veth peer name eth0 netns box`. The kernel reports no data for these
 * kinds: the other end is in `IFLA_LINK` and `IFLA_LINK_NETNSID`.
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

const pair =
  (name: string) =>
  (peer: Codec<LinkPeer, LinkPeerInput>): VethSet =>
    attrs({
      peer: attr(
        name,
        1,
        peer,
        'the other end: a link message without its type. It cannot be set up here; its index is used only if the main end has one too',
      ),
    });

/**
 * The attribute sets; `peer` comes from `message.ts`, because a peer is a link and a link contains
 * these sets.
 */
export const veth = pair('VETH_INFO_PEER');
export const vxcan = pair('VXCAN_INFO_PEER');
