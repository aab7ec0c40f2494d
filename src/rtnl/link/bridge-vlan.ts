/**
 * The VLANs of a bridge port: `IFLA_AF_SPEC` of links of family AF_BRIDGE.
 *
 * include/uapi/linux/if_bridge.h, `IFLA_BRIDGE_*`; bridge(8), "bridge vlan";
 * `bridge vlan add dev veth0 vid 10 pvid untagged`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { u16, u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { stpState } from './kinds/bridge-port.ts';

/**
 * `BRIDGE_FLAGS_*`: the bridge that the port belongs to, or the device itself. Default: the bridge.
 */
const bridgeFlags = flagsOf(u16, { master: 1, self: 2 });

/** `BRIDGE_MODE_*` of hardware that switches itself. */
const bridgeMode = enumOf(u16, { veb: 0, vepa: 1, undef: 0xffff });

/** `BRIDGE_VLAN_INFO_*`. A range is two entries, the first and the last, marked as such. */
export const bridgeVlanFlags = flagsOf(u16, {
  master: 1,
  pvid: 2,
  untagged: 4,
  range_begin: 8,
  range_end: 16,
  brentry: 32,
  only_opts: 64,
});

export const bridgeVlanInfo = struct('bridge_vlan_info', { flags: bridgeVlanFlags, vid: u16 });

/** `IFLA_BRIDGE_VLAN_TUNNEL_*`: maps a VLAN to a tunnel id, for VXLAN ports. */
export const bridgeVlanTunnel = attrs({
  id: attr('IFLA_BRIDGE_VLAN_TUNNEL_ID', 1, u32, 'tunnel id, a VNI'),
  vid: attr('IFLA_BRIDGE_VLAN_TUNNEL_VID', 2, u16, 'VLAN'),
  flags: attr('IFLA_BRIDGE_VLAN_TUNNEL_FLAGS', 3, bridgeVlanFlags, 'first or last of a range'),
});

/** `IFLA_BRIDGE_MST`: spanning tree states of the port, one per instance; IEEE 802.1s. */
export const bridgeMst = attrs({
  entry: manyAttr(
    'IFLA_BRIDGE_MST_ENTRY',
    1,
    nested(
      attrs({
        msti: attr('IFLA_BRIDGE_MST_ENTRY_MSTI', 1, u16, 'instance'),
        state: attr(
          'IFLA_BRIDGE_MST_ENTRY_STATE',
          2,
          stpState,
          'state of the port in the instance',
        ),
      }),
    ),
    'one instance',
  ),
});

export const bridgeAfSpec = attrs({
  flags: attr(
    'IFLA_BRIDGE_FLAGS',
    0,
    bridgeFlags,
    'the bridge or the device itself; only in requests',
  ),
  mode: attr('IFLA_BRIDGE_MODE', 1, bridgeMode, 'mode of a hardware bridge'),
  vlanInfo: manyAttr('IFLA_BRIDGE_VLAN_INFO', 2, bridgeVlanInfo, 'a VLAN, or one end of a range'),
  vlanTunnelInfo: manyAttr(
    'IFLA_BRIDGE_VLAN_TUNNEL_INFO',
    3,
    bridgeVlanTunnel,
    'a VLAN with its tunnel id, or one end of a range',
  ),
  mst: attr('IFLA_BRIDGE_MST', 6, nested(bridgeMst), 'states per spanning tree instance'),
});

export type BridgeAfSpec = Static<typeof bridgeAfSpec>;
export type BridgeAfSpecInput = Input<typeof bridgeAfSpec>;
