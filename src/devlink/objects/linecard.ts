/**
 * A line card of a modular switch.
 *
 * include/uapi/linux/devlink.h; devlink-lc(8); `devlink lc set pci/0000:01:00.0 lc 1 type 16x100G`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { cstr, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { devlinkMessage, handle, linecardIndex } from '../declare.ts';

const state = enumOf(u8, {
  unspec: 0,
  unprovisioned: 1,
  unprovisioning: 2,
  provisioning: 3,
  provisioning_failed: 4,
  provisioned: 5,
  active: 6,
});

const supportedTypes = attrs({
  linecardType: manyAttr('DEVLINK_ATTR_LINECARD_TYPE', 173, cstr, 'a type'),
});

export const linecardAttrs = attrs({
  ...handle,
  linecardIndex,
  linecardState: attr('DEVLINK_ATTR_LINECARD_STATE', 172, state, 'how far it is'),
  linecardType: attr(
    'DEVLINK_ATTR_LINECARD_TYPE',
    173,
    cstr,
    'type that it is used as; empty: none',
  ),
  linecardSupportedTypes: attr(
    'DEVLINK_ATTR_LINECARD_SUPPORTED_TYPES',
    174,
    nested(supportedTypes),
    'types that it can be',
  ),
  nestedDevlink: attr('DEVLINK_ATTR_NESTED_DEVLINK', 175, nested(attrs(handle)), 'its own device'),
});

export const linecard = devlinkMessage(
  'linecard',
  'A line card of a modular switch.',
  {
    DEVLINK_CMD_LINECARD_GET: 78,
    DEVLINK_CMD_LINECARD_SET: 79,
    DEVLINK_CMD_LINECARD_NEW: 80,
    DEVLINK_CMD_LINECARD_DEL: 81,
  },
  linecardAttrs,
);

export type Linecard = Static<typeof linecard>;
export type LinecardInput = Input<typeof linecard>;
