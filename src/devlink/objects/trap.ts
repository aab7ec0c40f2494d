/**
 * Packets that a device hands to the processor or drops: traps, groups of them, and the policers
 * that limit their rate.
 *
 * include/uapi/linux/devlink.h; devlink-trap(8);
 * `devlink trap set pci/0000:01:00.0 trap source_mac_is_multicast action trap`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { cstr, flag, u32, u64, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { devlinkMessage, handle } from '../declare.ts';

const counted = attrs({
  statsRxPackets: attr('DEVLINK_ATTR_STATS_RX_PACKETS', 0, u64, 'packets'),
  statsRxBytes: attr('DEVLINK_ATTR_STATS_RX_BYTES', 1, u64, 'bytes'),
  statsRxDropped: attr('DEVLINK_ATTR_STATS_RX_DROPPED', 2, u64, 'packets that the device dropped'),
});
const metadata = attrs({
  trapMetadataTypeInPort: attr(
    'DEVLINK_ATTR_TRAP_METADATA_TYPE_IN_PORT',
    0,
    flag,
    'the port that a packet came by',
  ),
  trapMetadataTypeFaCookie: attr(
    'DEVLINK_ATTR_TRAP_METADATA_TYPE_FA_COOKIE',
    1,
    flag,
    'the cookie of the action that trapped it',
  ),
});
const shared = {
  stats: attr('DEVLINK_ATTR_STATS', 129, nested(counted), 'counters'),
  trapAction: attr(
    'DEVLINK_ATTR_TRAP_ACTION',
    131,
    enumOf(u8, { drop: 0, trap: 1, mirror: 2 }),
    'what is done with packets',
  ),
  trapGeneric: attr('DEVLINK_ATTR_TRAP_GENERIC', 133, flag, 'whether it is one of all devices'),
  trapGroupName: attr('DEVLINK_ATTR_TRAP_GROUP_NAME', 135, cstr, 'name of the group'),
};
const policer = {
  trapPolicerId: attr('DEVLINK_ATTR_TRAP_POLICER_ID', 142, u32, 'number of the policer'),
};

export const trapAttrs = attrs({
  ...handle,
  trapName: attr('DEVLINK_ATTR_TRAP_NAME', 130, cstr, 'name of the trap'),
  ...shared,
  trapType: attr(
    'DEVLINK_ATTR_TRAP_TYPE',
    132,
    enumOf(u8, { drop: 0, exception: 1, control: 2 }),
    'why packets are trapped',
  ),
  trapMetadata: attr(
    'DEVLINK_ATTR_TRAP_METADATA',
    134,
    nested(metadata),
    'what is told of packets',
  ),
});

export const trap = devlinkMessage(
  'trap',
  'Packets that a device hands to the processor or drops.',
  {
    DEVLINK_CMD_TRAP_GET: 61,
    DEVLINK_CMD_TRAP_SET: 62,
    DEVLINK_CMD_TRAP_NEW: 63,
    DEVLINK_CMD_TRAP_DEL: 64,
  },
  trapAttrs,
);

export const trapGroupAttrs = attrs({ ...handle, ...shared, ...policer });

export const trapGroup = devlinkMessage(
  'trap-group',
  'A group of traps.',
  {
    DEVLINK_CMD_TRAP_GROUP_GET: 65,
    DEVLINK_CMD_TRAP_GROUP_SET: 66,
    DEVLINK_CMD_TRAP_GROUP_NEW: 67,
    DEVLINK_CMD_TRAP_GROUP_DEL: 68,
  },
  trapGroupAttrs,
);

export const trapPolicerAttrs = attrs({
  ...handle,
  ...policer,
  trapPolicerRate: attr('DEVLINK_ATTR_TRAP_POLICER_RATE', 143, u64, 'packets per second'),
  trapPolicerBurst: attr('DEVLINK_ATTR_TRAP_POLICER_BURST', 144, u64, 'packets at once'),
  stats: shared.stats,
});

export const trapPolicer = devlinkMessage(
  'trap-policer',
  'A policer of trapped packets.',
  {
    DEVLINK_CMD_TRAP_POLICER_GET: 69,
    DEVLINK_CMD_TRAP_POLICER_SET: 70,
    DEVLINK_CMD_TRAP_POLICER_NEW: 71,
    DEVLINK_CMD_TRAP_POLICER_DEL: 72,
  },
  trapPolicerAttrs,
);

export type Trap = Static<typeof trap>;
export type TrapInput = Input<typeof trap>;
export type TrapGroup = Static<typeof trapGroup>;
export type TrapGroupInput = Input<typeof trapGroup>;
export type TrapPolicer = Static<typeof trapPolicer>;
export type TrapPolicerInput = Input<typeof trapPolicer>;
