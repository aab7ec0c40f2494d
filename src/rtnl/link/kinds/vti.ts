/**
 * A link for IPsec: `IFLA_INFO_DATA` of the kinds `vti` and `vti6` (by key) and `xfrm` (by
 * interface id).
 *
 * include/uapi/linux/if_tunnel.h, `IFLA_VTI_*`; include/uapi/linux/if_link.h, `IFLA_XFRM_*`;
 * `ip link add ipsec0 type xfrm dev eth0 if_id 42`.
 */
import { ipv4, ipv6 } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import {
  be32,
  flag,
  u32,
  type Codec,
  type Input,
  type Static,
} from '../../../netlink/codec/codec.ts';

const over = (outer: Codec<string>) =>
  attrs({
    link: attr('IFLA_VTI_LINK', 1, u32, 'index of the link that carries the tunnel'),
    ikey: attr('IFLA_VTI_IKEY', 2, be32, 'mark of received packets'),
    okey: attr('IFLA_VTI_OKEY', 3, be32, 'mark of sent packets'),
    local: attr('IFLA_VTI_LOCAL', 4, outer, 'outer source address'),
    remote: attr('IFLA_VTI_REMOTE', 5, outer, 'outer destination address'),
    fwmark: attr('IFLA_VTI_FWMARK', 6, u32, 'mark for the route of the outer packet'),
  });

export const vti = over(ipv4);
export const vti6 = over(ipv6);

export const xfrm = attrs({
  link: attr('IFLA_XFRM_LINK', 1, u32, 'index of the underlying link'),
  ifId: attr('IFLA_XFRM_IF_ID', 2, u32, 'id that policies refer to the link by'),
  collectMetadata: attr('IFLA_XFRM_COLLECT_METADATA', 3, flag, 'external: routes supply the id'),
});

export type Vti = Static<typeof vti>;
export type VtiInput = Input<typeof vti>;
export type Xfrm = Static<typeof xfrm>;
export type XfrmInput = Input<typeof xfrm>;
