/**
 * Buffers that the ports of a device share: buffers, their pools, the thresholds of ports, and the
 * pools of traffic classes.
 *
 * include/uapi/linux/devlink.h; devlink-sb(8); `devlink sb pool show`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { u16, u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { devlinkMessage, portHandle } from '../declare.ts';

const { busName, devName, portIndex } = portHandle;
const poolType = enumOf(u8, { ingress: 0, egress: 1 });
const thresholdType = enumOf(u8, { static: 0, dynamic: 1 });

const which = {
  sbIndex: attr('DEVLINK_ATTR_SB_INDEX', 11, u32, 'number of the buffer'),
};
const whichPool = {
  ...which,
  sbPoolIndex: attr('DEVLINK_ATTR_SB_POOL_INDEX', 17, u16, 'number of the pool'),
};
const threshold = {
  sbThreshold: attr(
    'DEVLINK_ATTR_SB_THRESHOLD',
    21,
    u32,
    'most that may be used: bytes, or 0 to 20 if the pool is dynamic',
  ),
};
const occupancy = {
  sbOccCur: attr('DEVLINK_ATTR_SB_OCC_CUR', 23, u32, 'bytes in use, at the snapshot'),
  sbOccMax: attr('DEVLINK_ATTR_SB_OCC_MAX', 24, u32, 'most bytes that were in use'),
};

export const sbAttrs = attrs({
  busName,
  devName,
  portIndex,
  ...which,
  sbSize: attr('DEVLINK_ATTR_SB_SIZE', 12, u32, 'its size in bytes'),
  sbIngressPoolCount: attr(
    'DEVLINK_ATTR_SB_INGRESS_POOL_COUNT',
    13,
    u16,
    'pools for packets received',
  ),
  sbEgressPoolCount: attr('DEVLINK_ATTR_SB_EGRESS_POOL_COUNT', 14, u16, 'pools for packets sent'),
  sbIngressTcCount: attr(
    'DEVLINK_ATTR_SB_INGRESS_TC_COUNT',
    15,
    u16,
    'traffic classes for packets received',
  ),
  sbEgressTcCount: attr(
    'DEVLINK_ATTR_SB_EGRESS_TC_COUNT',
    16,
    u16,
    'traffic classes for packets sent',
  ),
});

export const sb = devlinkMessage(
  'sb',
  'A buffer that the ports of a device share.',
  {
    DEVLINK_CMD_SB_GET: 11,
    DEVLINK_CMD_SB_SET: 12,
    DEVLINK_CMD_SB_NEW: 13,
    DEVLINK_CMD_SB_DEL: 14,
    DEVLINK_CMD_SB_OCC_SNAPSHOT: 27,
    DEVLINK_CMD_SB_OCC_MAX_CLEAR: 28,
  },
  sbAttrs,
);

export const sbPoolAttrs = attrs({
  busName,
  devName,
  ...whichPool,
  sbPoolType: attr('DEVLINK_ATTR_SB_POOL_TYPE', 18, poolType, 'for packets received or sent'),
  sbPoolSize: attr('DEVLINK_ATTR_SB_POOL_SIZE', 19, u32, 'its size in bytes'),
  sbPoolThresholdType: attr(
    'DEVLINK_ATTR_SB_POOL_THRESHOLD_TYPE',
    20,
    thresholdType,
    'whether thresholds depend on what is free',
  ),
  sbPoolCellSize: attr('DEVLINK_ATTR_SB_POOL_CELL_SIZE', 105, u32, 'unit of sizes, in bytes'),
});

export const sbPool = devlinkMessage(
  'sb-pool',
  'A pool of a shared buffer.',
  {
    DEVLINK_CMD_SB_POOL_GET: 15,
    DEVLINK_CMD_SB_POOL_SET: 16,
    DEVLINK_CMD_SB_POOL_NEW: 17,
    DEVLINK_CMD_SB_POOL_DEL: 18,
  },
  sbPoolAttrs,
);

export const sbPortPoolAttrs = attrs({
  busName,
  devName,
  portIndex,
  ...whichPool,
  ...threshold,
  ...occupancy,
});

export const sbPortPool = devlinkMessage(
  'sb-port-pool',
  'What a port may use of a pool.',
  {
    DEVLINK_CMD_SB_PORT_POOL_GET: 19,
    DEVLINK_CMD_SB_PORT_POOL_SET: 20,
    DEVLINK_CMD_SB_PORT_POOL_NEW: 21,
    DEVLINK_CMD_SB_PORT_POOL_DEL: 22,
  },
  sbPortPoolAttrs,
);

export const sbTcPoolBindAttrs = attrs({
  busName,
  devName,
  portIndex,
  ...whichPool,
  poolType: sbPoolAttrs.attributes.sbPoolType,
  sbTcIndex: attr('DEVLINK_ATTR_SB_TC_INDEX', 22, u16, 'number of the traffic class'),
  ...threshold,
  ...occupancy,
});

export const sbTcPoolBind = devlinkMessage(
  'sb-tc-pool-bind',
  'The pool of a traffic class of a port.',
  {
    DEVLINK_CMD_SB_TC_POOL_BIND_GET: 23,
    DEVLINK_CMD_SB_TC_POOL_BIND_SET: 24,
    DEVLINK_CMD_SB_TC_POOL_BIND_NEW: 25,
    DEVLINK_CMD_SB_TC_POOL_BIND_DEL: 26,
  },
  sbTcPoolBindAttrs,
);

export type Sb = Static<typeof sb>;
export type SbInput = Input<typeof sb>;
export type SbPool = Static<typeof sbPool>;
export type SbPoolInput = Input<typeof sbPool>;
export type SbPortPool = Static<typeof sbPortPool>;
export type SbPortPoolInput = Input<typeof sbPortPool>;
export type SbTcPoolBind = Static<typeof sbTcPoolBind>;
export type SbTcPoolBindInput = Input<typeof sbTcPoolBind>;
