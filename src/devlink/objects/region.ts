/**
 * A region of a device's memory, snapshots of it, and what is in them.
 *
 * include/uapi/linux/devlink.h; devlink-region(8);
 * `devlink region read pci/0000:01:00.0/cr-space snapshot 1 address 0 length 16`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { bytes, cstr, flag, u32, u64, type Input, type Static } from '../../netlink/codec/codec.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { devlinkMessage, portHandle } from '../declare.ts';

const snapshotId = {
  regionSnapshotId: attr('DEVLINK_ATTR_REGION_SNAPSHOT_ID', 92, u32, 'number of the snapshot'),
};
const snapshots = attrs({
  regionSnapshot: manyAttr(
    'DEVLINK_ATTR_REGION_SNAPSHOT',
    91,
    nested(attrs(snapshotId)),
    'a snapshot',
  ),
});
const address = {
  regionChunkAddr: attr('DEVLINK_ATTR_REGION_CHUNK_ADDR', 96, u64, 'offset of its first byte'),
};
const chunk = attrs({
  regionChunkData: attr('DEVLINK_ATTR_REGION_CHUNK_DATA', 95, bytes, 'its bytes'),
  ...address,
});
const chunks = attrs({
  regionChunk: manyAttr('DEVLINK_ATTR_REGION_CHUNK', 94, nested(chunk), 'a part of the region'),
});

export const regionAttrs = attrs({
  ...portHandle,
  regionName: attr('DEVLINK_ATTR_REGION_NAME', 88, cstr, 'name of the region'),
  regionSize: attr('DEVLINK_ATTR_REGION_SIZE', 89, u64, 'its size in bytes'),
  regionSnapshots: attr('DEVLINK_ATTR_REGION_SNAPSHOTS', 90, nested(snapshots), 'snapshots of it'),
  ...snapshotId,
  regionChunks: attr('DEVLINK_ATTR_REGION_CHUNKS', 93, nested(chunks), 'what was read'),
  ...address,
  regionChunkLen: attr('DEVLINK_ATTR_REGION_CHUNK_LEN', 97, u64, 'bytes to read'),
  regionMaxSnapshots: attr(
    'DEVLINK_ATTR_REGION_MAX_SNAPSHOTS',
    170,
    u32,
    'most snapshots that there can be',
  ),
  regionDirect: attr(
    'DEVLINK_ATTR_REGION_DIRECT',
    179,
    flag,
    'read the memory itself, without a snapshot',
  ),
});

export const region = devlinkMessage(
  'region',
  "A region of a device's memory.",
  {
    DEVLINK_CMD_REGION_GET: 42,
    DEVLINK_CMD_REGION_SET: 43,
    DEVLINK_CMD_REGION_NEW: 44,
    DEVLINK_CMD_REGION_DEL: 45,
    DEVLINK_CMD_REGION_READ: 46,
  },
  regionAttrs,
);

export type Region = Static<typeof region>;
export type RegionInput = Input<typeof region>;
