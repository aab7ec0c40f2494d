/**
 * A port of a device: of a switch or a network card, or of a function that it offers.
 *
 * include/uapi/linux/devlink.h; devlink-port(8); `devlink port show`,
 * `devlink port split pci/0000:01:00.0/1 count 4`.
 */
import { lladdr } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bool8, cstr, u16, u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { bitfield32, devlinkMessage, handle, linecardIndex, portHandle } from '../declare.ts';

const type = enumOf(u16, { notset: 0, auto: 1, eth: 2, ib: 3 });
const flavour = enumOf(u16, {
  physical: 0,
  cpu: 1,
  dsa: 2,
  pcipf: 3,
  pcivf: 4,
  virtual: 5,
  unused: 6,
  pcisf: 7,
});
/** `DEVLINK_PORT_FN_CAP_*` */
const caps = bitfield32(
  flagsOf(u32, { roce: 0x1, migratable: 0x2, ipsec_crypto: 0x4, ipsec_packet: 0x8 }),
);

const portFunction = attrs({
  hwAddr: attr('DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR', 1, lladdr, 'its hardware address'),
  state: attr(
    'DEVLINK_PORT_FN_ATTR_STATE',
    2,
    enumOf(u8, { inactive: 0, active: 1 }),
    'whether it may be used',
  ),
  opstate: attr(
    'DEVLINK_PORT_FN_ATTR_OPSTATE',
    3,
    enumOf(u8, { detached: 0, attached: 1 }),
    'whether a driver uses it',
  ),
  caps: attr('DEVLINK_PORT_FN_ATTR_CAPS', 4, caps, 'what it can do'),
  devlink: attr('DEVLINK_PORT_FN_ATTR_DEVLINK', 5, nested(attrs(handle)), 'its own device'),
  maxIoEqs: attr('DEVLINK_PORT_FN_ATTR_MAX_IO_EQS', 6, u32, 'most event queues'),
});

export const devlinkPortAttrs = attrs({
  ...portHandle,
  portType: attr('DEVLINK_ATTR_PORT_TYPE', 4, type, 'what it is connected to'),
  portDesiredType: attr('DEVLINK_ATTR_PORT_DESIRED_TYPE', 5, type, 'what it shall be connected to'),
  portNetdevIfindex: attr('DEVLINK_ATTR_PORT_NETDEV_IFINDEX', 6, u32, 'index of its link'),
  portNetdevName: attr('DEVLINK_ATTR_PORT_NETDEV_NAME', 7, cstr, 'name of its link'),
  portIbdevName: attr('DEVLINK_ATTR_PORT_IBDEV_NAME', 8, cstr, 'name of its InfiniBand device'),
  portSplitCount: attr('DEVLINK_ATTR_PORT_SPLIT_COUNT', 9, u32, 'how many it is split into'),
  portSplitGroup: attr(
    'DEVLINK_ATTR_PORT_SPLIT_GROUP',
    10,
    u32,
    'group of the ports that it was split into',
  ),
  portFlavour: attr('DEVLINK_ATTR_PORT_FLAVOUR', 77, flavour, 'what it is for'),
  portNumber: attr('DEVLINK_ATTR_PORT_NUMBER', 78, u32, 'number on the front panel'),
  portSplitSubportNumber: attr(
    'DEVLINK_ATTR_PORT_SPLIT_SUBPORT_NUMBER',
    79,
    u32,
    'number among those that the port was split into',
  ),
  portPciPfNumber: attr(
    'DEVLINK_ATTR_PORT_PCI_PF_NUMBER',
    127,
    u16,
    'physical function that it leads to',
  ),
  portPciVfNumber: attr(
    'DEVLINK_ATTR_PORT_PCI_VF_NUMBER',
    128,
    u16,
    'virtual function that it leads to',
  ),
  portPciSfNumber: attr(
    'DEVLINK_ATTR_PORT_PCI_SF_NUMBER',
    164,
    u32,
    'subfunction that it leads to',
  ),
  portFunction: attr(
    'DEVLINK_ATTR_PORT_FUNCTION',
    145,
    nested(portFunction),
    'function that it leads to',
  ),
  portLanes: attr('DEVLINK_ATTR_PORT_LANES', 147, u32, 'lanes that it has'),
  portSplittable: attr('DEVLINK_ATTR_PORT_SPLITTABLE', 148, bool8, 'whether it can be split'),
  portExternal: attr('DEVLINK_ATTR_PORT_EXTERNAL', 149, bool8, 'whether it leads to another host'),
  portControllerNumber: attr(
    'DEVLINK_ATTR_PORT_CONTROLLER_NUMBER',
    150,
    u32,
    'controller of the function that it leads to',
  ),
  linecardIndex,
});

export const devlinkPort = devlinkMessage(
  'devlink-port',
  'A port of a device.',
  {
    DEVLINK_CMD_PORT_GET: 5,
    DEVLINK_CMD_PORT_SET: 6,
    DEVLINK_CMD_PORT_NEW: 7,
    DEVLINK_CMD_PORT_DEL: 8,
    DEVLINK_CMD_PORT_SPLIT: 9,
    DEVLINK_CMD_PORT_UNSPLIT: 10,
  },
  devlinkPortAttrs,
);

export type DevlinkPort = Static<typeof devlinkPort>;
export type DevlinkPortInput = Input<typeof devlinkPort>;
