/**
 * Small attribute sets inside a link: names, XDP programs, reasons for protocol down, handles of
 * other kernel objects.
 *
 * include/uapi/linux/if_link.h; include/uapi/linux/devlink.h; include/uapi/linux/dpll.h;
 * ip-link(8).
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { cstr, s32, u32, u8 } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';

/** `IFLA_PROP_LIST`: properties that a link can have several of. */
export const linkPropList = attrs({
  altIfname: manyAttr('IFLA_ALT_IFNAME', 53, cstr, 'another name, at most 127 bytes'),
});

/** `XDP_FLAGS_*`: where to run the program. */
const xdpFlags = flagsOf(u32, {
  update_if_noexist: 1,
  skb_mode: 2,
  drv_mode: 4,
  hw_mode: 8,
  replace: 16,
});

/** `XDP_ATTACHED_*`: where it runs, by the names of `ip link`. */
const xdpAttached = enumOf(u8, { none: 0, xdp: 1, xdpgeneric: 2, xdpoffload: 3, xdpmulti: 4 });

/**
 * `IFLA_XDP_*`: eXpress Data Path, a BPF program that sees packets before the stack;
 * `ip link set dev eth0 xdp object FILE`.
 */
export const linkXdp = attrs({
  fd: attr('IFLA_XDP_FD', 1, s32, 'descriptor of the program; -1 detaches; only in requests'),
  attached: attr('IFLA_XDP_ATTACHED', 2, xdpAttached, 'where a program runs'),
  flags: attr('IFLA_XDP_FLAGS', 3, xdpFlags, 'where to run it; only in requests'),
  progId: attr('IFLA_XDP_PROG_ID', 4, u32, 'id of the program'),
  drvProgId: attr('IFLA_XDP_DRV_PROG_ID', 5, u32, 'id of the program in the driver'),
  skbProgId: attr('IFLA_XDP_SKB_PROG_ID', 6, u32, 'id of the generic program'),
  hwProgId: attr('IFLA_XDP_HW_PROG_ID', 7, u32, 'id of the program in the device'),
  expectedFd: attr('IFLA_XDP_EXPECTED_FD', 8, s32, 'program to be replaced; only in requests'),
});

/**
 * `IFLA_PROTO_DOWN_REASON_*`: one bit per reason that keeps the link down; the administrator names
 * bits 0 to 31.
 */
export const protoDownReason = attrs({
  mask: attr('IFLA_PROTO_DOWN_REASON_MASK', 1, u32, 'bits to change; only in requests'),
  value: attr('IFLA_PROTO_DOWN_REASON_VALUE', 2, u32, 'values of these bits'),
});

/** `DEVLINK_ATTR_*`: the devlink port behind the link. */
export const devlinkPort = attrs({
  busName: attr('DEVLINK_ATTR_BUS_NAME', 1, cstr, 'bus: `pci`'),
  devName: attr('DEVLINK_ATTR_DEV_NAME', 2, cstr, 'device on the bus'),
  portIndex: attr('DEVLINK_ATTR_PORT_INDEX', 3, u32, 'port of the device'),
});

/** `DPLL_A_PIN_*`: the clock pin that the link feeds. */
export const dpllPin = attrs({
  id: attr('DPLL_A_PIN_ID', 1, u32, 'id of the pin'),
});

/** `IFLA_MCTP_*`: a bus of management controllers. */
export const linkMctp = attrs({
  net: attr('IFLA_MCTP_NET', 1, u32, 'network that the link belongs to'),
});
