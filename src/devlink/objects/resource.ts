/**
 * Resources of a device and how they are divided: a tree of sizes.
 *
 * include/uapi/linux/devlink.h; devlink-resource(8);
 * `devlink resource set pci/0000:01:00.0 path /kvd/linear size 98304`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import type { AttributeSet, UnknownAttrs } from '../../netlink/codec/attributes.ts';
import { bool8, cstr, u64, u8, type Codec } from '../../netlink/codec/codec.ts';
import type { Input, Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { lazy, nested } from '../../netlink/codec/nested.ts';
import { devlinkMessage, handle } from '../declare.ts';

/** A resource, and those that it is divided into. */
export interface ResourceEntry extends UnknownAttrs {
  resourceName?: string;
  resourceId?: bigint;
  resourceSize?: bigint;
  resourceSizeNew?: bigint;
  resourceSizeValid?: boolean;
  resourceSizeMin?: bigint;
  resourceSizeMax?: bigint;
  resourceSizeGran?: bigint;
  resourceUnit?: 'entry' | number;
  resourceOcc?: bigint;
  resourceList?: { resource?: ResourceEntry[] };
}

const list: Codec<any, any> = lazy('attributes', () => nested(resourceList));
const identity = {
  resourceId: attr('DEVLINK_ATTR_RESOURCE_ID', 66, u64, 'number of the resource'),
};
const size = {
  resourceSize: attr(
    'DEVLINK_ATTR_RESOURCE_SIZE',
    67,
    u64,
    'its size in elements or bytes; in requests, the size after the next reload',
  ),
};

const resourceEntry = attrs({
  resourceName: attr('DEVLINK_ATTR_RESOURCE_NAME', 65, cstr, 'name of the resource'),
  ...identity,
  ...size,
  resourceSizeNew: attr(
    'DEVLINK_ATTR_RESOURCE_SIZE_NEW',
    68,
    u64,
    'its size in elements or bytes after the next reload',
  ),
  resourceSizeValid: attr(
    'DEVLINK_ATTR_RESOURCE_SIZE_VALID',
    69,
    bool8,
    'whether those that it is divided into have room in it',
  ),
  resourceSizeMin: attr(
    'DEVLINK_ATTR_RESOURCE_SIZE_MIN',
    70,
    u64,
    'least size in elements or bytes',
  ),
  resourceSizeMax: attr(
    'DEVLINK_ATTR_RESOURCE_SIZE_MAX',
    71,
    u64,
    'greatest size in elements or bytes',
  ),
  resourceSizeGran: attr(
    'DEVLINK_ATTR_RESOURCE_SIZE_GRAN',
    72,
    u64,
    'unit of its size in elements or bytes',
  ),
  resourceUnit: attr('DEVLINK_ATTR_RESOURCE_UNIT', 73, enumOf(u8, { entry: 0 }), 'what is counted'),
  resourceOcc: attr('DEVLINK_ATTR_RESOURCE_OCC', 74, u64, 'how much is in use'),
  resourceList: attr('DEVLINK_ATTR_RESOURCE_LIST', 63, list, 'those that it is divided into'),
}) as AttributeSet<ResourceEntry, ResourceEntry, any>;

const resourceList = attrs({
  resource: manyAttr('DEVLINK_ATTR_RESOURCE', 64, nested(resourceEntry), 'a resource'),
});

export const resourceAttrs = attrs({
  ...handle,
  ...identity,
  ...size,
  resourceList: attr('DEVLINK_ATTR_RESOURCE_LIST', 63, nested(resourceList), 'resources'),
});

export const resource = devlinkMessage(
  'resource',
  'Resources of a device.',
  { DEVLINK_CMD_RESOURCE_SET: 35, DEVLINK_CMD_RESOURCE_DUMP: 36 },
  resourceAttrs,
);

export type Resource = Static<typeof resource>;
export type ResourceInput = Input<typeof resource>;
