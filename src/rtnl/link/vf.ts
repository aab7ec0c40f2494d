/**
 * Virtual functions of a network card (SR-IOV), `IFLA_VFINFO_LIST`, and the switch ports assigned
 * to them (IEEE 802.1Qbg), `IFLA_VF_PORTS`, `IFLA_PORT_SELF`.
 *
 * include/uapi/linux/if_link.h, `IFLA_VF_*`, `IFLA_PORT_*`; ip-link(8), `vf NUM`;
 * `ip link set eth0 vf 0 vlan 10`. Reported if the request's `extMask` has `vf`. Rates are in
 * Mbit/s.
 */
import * as lo from 'buffer-layout';
import { lladdr } from '../../netlink/codec/address.ts';
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { bytesOf, Writer } from '../../netlink/codec/bytes.ts';
import {
  blob,
  counted,
  cstr,
  scalar,
  u16,
  u32,
  u64,
  u8,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { CodecError } from '../../errors.ts';
import { list } from '../../netlink/codec/list.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { vlanProtocol } from './kinds/vlan-protocol.ts';

const MAX_ADDR_LEN = 32;
/** Ethernet, InfiniBand: an address of this length is followed only by zeros. */
const LENGTHS = [6, 20, MAX_ADDR_LEN];

/** A link-layer address in a field of 32 bytes, padded with zeros. */
const paddedAddress = scalar<string>({
  type: 'link-layer address in 32 bytes',
  span: MAX_ADDR_LEN,
  zero: '00:00:00:00:00:00',
  layout: (property) => lo.blob(MAX_ADDR_LEN, property),
  read(view, at) {
    const all = bytesOf(view, at, at + MAX_ADDR_LEN);
    const length = LENGTHS.find((each) => all.subarray(each).every((byte) => byte === 0))!;
    return lladdr.get(view, at, at + length);
  },
  write(view, at, value) {
    const writer = new Writer(MAX_ADDR_LEN);
    lladdr.put(writer, value);
    if (!LENGTHS.includes(writer.at))
      throw new CodecError(`${writer.at} bytes, 6, 20 or 32 needed`);
    bytesOf(view, at, at + MAX_ADDR_LEN)
      .fill(0)
      .set(writer.finish());
  },
  show: (value) => value,
});

/** `IFLA_VF_LINK_STATE_*`. */
const linkState = enumOf(u32, { auto: 0, enable: 1, disable: 2 });

export const vfMac = struct('ifla_vf_mac', { vf: u32, mac: paddedAddress });
export const vfBroadcast = struct('ifla_vf_broadcast', { broadcast: paddedAddress });
export const vfVlan = struct('ifla_vf_vlan', { vf: u32, vlan: u32, qos: u32 });
export const vfVlanInfo = struct('ifla_vf_vlan_info', {
  vf: u32,
  vlan: u32,
  qos: u32,
  vlanProto: vlanProtocol,
  _pad: u16,
});
const bandwidth = counted(u32, 'Mbit/s');
export const vfTxRate = struct('ifla_vf_tx_rate', { vf: u32, rate: bandwidth });
export const vfRate = struct('ifla_vf_rate', {
  vf: u32,
  minTxRate: bandwidth,
  maxTxRate: bandwidth,
});
/** -1 in `setting` means that the driver does not report it. */
export const vfSetting = struct('ifla_vf_spoofchk', { vf: u32, setting: u32 });
export const vfLinkState = struct('ifla_vf_link_state', { vf: u32, linkState });
export const vfGuid = struct('ifla_vf_guid', { vf: u32, _pad: u32, guid: u64 });

export const vfStats = attrs({
  rxPackets: attr('IFLA_VF_STATS_RX_PACKETS', 0, u64, 'packets received'),
  txPackets: attr('IFLA_VF_STATS_TX_PACKETS', 1, u64, 'packets sent'),
  rxBytes: attr('IFLA_VF_STATS_RX_BYTES', 2, u64, 'bytes received'),
  txBytes: attr('IFLA_VF_STATS_TX_BYTES', 3, u64, 'bytes sent'),
  broadcast: attr('IFLA_VF_STATS_BROADCAST', 4, u64, 'broadcasts received'),
  multicast: attr('IFLA_VF_STATS_MULTICAST', 5, u64, 'multicasts received'),
  rxDropped: attr('IFLA_VF_STATS_RX_DROPPED', 7, u64, 'received packets dropped'),
  txDropped: attr('IFLA_VF_STATS_TX_DROPPED', 8, u64, 'sent packets dropped'),
});

export const vfInfo = attrs({
  mac: attr('IFLA_VF_MAC', 1, vfMac, 'link-layer address'),
  vlan: attr('IFLA_VF_VLAN', 2, vfVlan, 'VLAN tag added by the card; 0: none'),
  txRate: attr('IFLA_VF_TX_RATE', 3, vfTxRate, 'maximum transmit rate'),
  spoofchk: attr('IFLA_VF_SPOOFCHK', 4, vfSetting, 'drop packets from other source addresses'),
  linkState: attr('IFLA_VF_LINK_STATE', 5, vfLinkState, 'link state that it sees'),
  rate: attr('IFLA_VF_RATE', 6, vfRate, 'minimum and maximum transmit rate'),
  rssQueryEn: attr('IFLA_VF_RSS_QUERY_EN', 7, vfSetting, 'whether it may read the RSS table'),
  stats: attr('IFLA_VF_STATS', 8, vfStats, 'counters'),
  trust: attr('IFLA_VF_TRUST', 9, vfSetting, 'whether it is trusted with privileged settings'),
  ibNodeGuid: attr('IFLA_VF_IB_NODE_GUID', 10, vfGuid, 'InfiniBand node GUID'),
  ibPortGuid: attr('IFLA_VF_IB_PORT_GUID', 11, vfGuid, 'InfiniBand port GUID'),
  vlanList: attr(
    'IFLA_VF_VLAN_LIST',
    12,
    list('IFLA_VF_VLAN_INFO', vfVlanInfo, { id: 1 }),
    'VLANs with their EtherTypes',
  ),
  broadcast: attr('IFLA_VF_BROADCAST', 13, vfBroadcast, 'link-layer broadcast address'),
});

export const vfinfoList = attrs({
  info: manyAttr('IFLA_VF_INFO', 1, vfInfo, 'one virtual function'),
});

/** `PORT_REQUEST_*`, `PORT_VDP_RESPONSE_*`, `PORT_PROFILE_RESPONSE_*`. */
const portRequest = enumOf(u8, {
  preassociate: 0,
  preassociate_rr: 1,
  associate: 2,
  disassociate: 3,
});
const portResponse = enumOf(u16, {
  vdp_success: 0,
  vdp_invalid_format: 1,
  vdp_insufficient_resources: 2,
  vdp_unused_vtid: 3,
  vdp_vtid_violation: 4,
  vdp_vtid_version_violation: 5,
  vdp_out_of_sync: 6,
  success: 0x100,
  inprogress: 0x101,
  invalid: 0x102,
  badstate: 0x103,
  insufficient_resources: 0x104,
  error: 0x105,
});

export const portVsi = struct('ifla_port_vsi', {
  vsiMgrId: u8,
  vsiTypeId: blob(3),
  vsiTypeVersion: u8,
  _pad: blob(3),
});

const uuid = blob(16);

export const port = attrs({
  vf: attr('IFLA_PORT_VF', 1, u32, 'virtual function'),
  profile: attr('IFLA_PORT_PROFILE', 2, cstr, 'name of the port profile'),
  vsiType: attr('IFLA_PORT_VSI_TYPE', 3, portVsi, 'type of the station interface'),
  instanceUuid: attr('IFLA_PORT_INSTANCE_UUID', 4, uuid, 'UUID of the interface'),
  hostUuid: attr('IFLA_PORT_HOST_UUID', 5, uuid, 'UUID of the host'),
  request: attr('IFLA_PORT_REQUEST', 6, portRequest, 'request to the switch'),
  response: attr('IFLA_PORT_RESPONSE', 7, portResponse, 'response of the switch'),
});

export const vfPorts = attrs({
  port: manyAttr('IFLA_VF_PORT', 1, port, 'port of one virtual function'),
});

export type VfInfo = Static<typeof vfInfo>;
export type VfInfoInput = Input<typeof vfInfo>;
