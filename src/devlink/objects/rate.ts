/**
 * Limits of what a function may send: of a port, or of a node that stands for several.
 *
 * include/uapi/linux/devlink.h; devlink-rate(8);
 * `devlink port function rate set pci/0000:01:00.0/1 tx_max 10gbit`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { cstr, u16, u32, u64, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { devlinkMessage, portHandle } from '../declare.ts';

export const rateAttrs = attrs({
  ...portHandle,
  rateType: attr(
    'DEVLINK_ATTR_RATE_TYPE',
    165,
    enumOf(u16, { leaf: 0, node: 1 }),
    'of a port, or of a node',
  ),
  rateTxShare: attr(
    'DEVLINK_ATTR_RATE_TX_SHARE',
    166,
    u64,
    'least bytes per second among those of the same parent',
  ),
  rateTxMax: attr('DEVLINK_ATTR_RATE_TX_MAX', 167, u64, 'most bytes per second'),
  rateNodeName: attr('DEVLINK_ATTR_RATE_NODE_NAME', 168, cstr, 'name of the node'),
  rateParentNodeName: attr(
    'DEVLINK_ATTR_RATE_PARENT_NODE_NAME',
    169,
    cstr,
    'name of the parent; empty: none',
  ),
  rateTxPriority: attr(
    'DEVLINK_ATTR_RATE_TX_PRIORITY',
    177,
    u32,
    'packets of those with the greatest go first; Linux 6.3',
  ),
  rateTxWeight: attr(
    'DEVLINK_ATTR_RATE_TX_WEIGHT',
    178,
    u32,
    'share of packets among those with the same priority; Linux 6.3',
  ),
});

export const rate = devlinkMessage(
  'rate',
  'Limits of what a function may send.',
  {
    DEVLINK_CMD_RATE_GET: 74,
    DEVLINK_CMD_RATE_SET: 75,
    DEVLINK_CMD_RATE_NEW: 76,
    DEVLINK_CMD_RATE_DEL: 77,
  },
  rateAttrs,
);

export type Rate = Static<typeof rate>;
export type RateInput = Input<typeof rate>;
