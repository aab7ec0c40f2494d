/**
 * A device that devlink knows, and its reload.
 *
 * include/uapi/linux/devlink.h; devlink-dev(8); `devlink dev show`,
 * `devlink dev reload pci/0000:01:00.0 action fw_activate`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { bool8, s32, u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { bitfield32, devlinkMessage, handle } from '../declare.ts';

const action = enumOf(u8, { driver_reinit: 1, fw_activate: 2 });
const actions = bitfield32(flagsOf(u32, { driver_reinit: 0x2, fw_activate: 0x4 }));
const limit = enumOf(u8, { unspecified: 0, no_reset: 1 });
const limits = bitfield32(flagsOf(u32, { no_reset: 0x2 }));

const statsEntry = attrs({
  reloadStatsLimit: attr('DEVLINK_ATTR_RELOAD_STATS_LIMIT', 159, limit, 'limit of these reloads'),
  reloadStatsValue: attr('DEVLINK_ATTR_RELOAD_STATS_VALUE', 160, u32, 'how many there were'),
});
const actionStats = attrs({
  reloadStatsEntry: manyAttr(
    'DEVLINK_ATTR_RELOAD_STATS_ENTRY',
    158,
    nested(statsEntry),
    'reloads with one limit',
  ),
});
const actionInfo = attrs({
  reloadAction: attr('DEVLINK_ATTR_RELOAD_ACTION', 153, action, 'what a reload does'),
  reloadActionStats: attr(
    'DEVLINK_ATTR_RELOAD_ACTION_STATS',
    163,
    nested(actionStats),
    'reloads of this kind',
  ),
});
const reloadStats = attrs({
  reloadActionInfo: manyAttr(
    'DEVLINK_ATTR_RELOAD_ACTION_INFO',
    162,
    nested(actionInfo),
    'reloads by what they do',
  ),
});
const devStats = attrs({
  reloadStats: attr(
    'DEVLINK_ATTR_RELOAD_STATS',
    157,
    nested(reloadStats),
    'reloads that this host has asked for',
  ),
  remoteReloadStats: attr(
    'DEVLINK_ATTR_REMOTE_RELOAD_STATS',
    161,
    nested(reloadStats),
    'reloads that another host has asked for',
  ),
});

export const devlinkDevAttrs = attrs({
  ...handle,
  reloadFailed: attr(
    'DEVLINK_ATTR_RELOAD_FAILED',
    136,
    bool8,
    'whether the last reload has failed',
  ),
  reloadAction: attr('DEVLINK_ATTR_RELOAD_ACTION', 153, action, 'what a reload does'),
  reloadActionsPerformed: attr(
    'DEVLINK_ATTR_RELOAD_ACTIONS_PERFORMED',
    154,
    actions,
    'what a reload has done',
  ),
  reloadLimits: attr('DEVLINK_ATTR_RELOAD_LIMITS', 155, limits, 'what a reload must not do'),
  devStats: attr('DEVLINK_ATTR_DEV_STATS', 156, nested(devStats), 'reloads since the start'),
  netnsFd: attr(
    'DEVLINK_ATTR_NETNS_FD',
    138,
    u32,
    'namespace that the device moves to, by an open descriptor',
  ),
  netnsPid: attr(
    'DEVLINK_ATTR_NETNS_PID',
    139,
    u32,
    'namespace that the device moves to, by a process in it',
  ),
  netnsId: attr('DEVLINK_ATTR_NETNS_ID', 140, s32, 'namespace that the device moves to, by its id'),
});

export const devlinkDev = devlinkMessage(
  'devlink-dev',
  'A device that devlink knows.',
  {
    DEVLINK_CMD_GET: 1,
    DEVLINK_CMD_SET: 2,
    DEVLINK_CMD_NEW: 3,
    DEVLINK_CMD_DEL: 4,
    DEVLINK_CMD_RELOAD: 37,
  },
  devlinkDevAttrs,
);

export type DevlinkDev = Static<typeof devlinkDev>;
export type DevlinkDevInput = Input<typeof devlinkDev>;
