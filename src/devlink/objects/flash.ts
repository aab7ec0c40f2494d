/**
 * An update of a device's flash memory, and its progress.
 *
 * include/uapi/linux/devlink.h; devlink-dev(8);
 * `devlink dev flash pci/0000:01:00.0 file firmware.bin`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { cstr, u32, u64, type Input, type Static } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { bitfield32, devlinkMessage, handle } from '../declare.ts';

const sections = bitfield32(flagsOf(u32, { settings: 0x1, identifiers: 0x2 }));

export const flashAttrs = attrs({
  ...handle,
  flashUpdateFileName: attr(
    'DEVLINK_ATTR_FLASH_UPDATE_FILE_NAME',
    122,
    cstr,
    'file below /lib/firmware',
  ),
  flashUpdateComponent: attr(
    'DEVLINK_ATTR_FLASH_UPDATE_COMPONENT',
    123,
    cstr,
    'what is updated, if not all of it',
  ),
  flashUpdateOverwriteMask: attr(
    'DEVLINK_ATTR_FLASH_UPDATE_OVERWRITE_MASK',
    152,
    sections,
    'sections that are overwritten as well',
  ),
  flashUpdateStatusMsg: attr(
    'DEVLINK_ATTR_FLASH_UPDATE_STATUS_MSG',
    124,
    cstr,
    'what is being done',
  ),
  flashUpdateStatusDone: attr(
    'DEVLINK_ATTR_FLASH_UPDATE_STATUS_DONE',
    125,
    u64,
    'how much of it is done',
  ),
  flashUpdateStatusTotal: attr(
    'DEVLINK_ATTR_FLASH_UPDATE_STATUS_TOTAL',
    126,
    u64,
    'how much there is to do',
  ),
  flashUpdateStatusTimeout: attr(
    'DEVLINK_ATTR_FLASH_UPDATE_STATUS_TIMEOUT',
    151,
    u64,
    'seconds that it may take',
  ),
});

export const flash = devlinkMessage(
  'flash',
  "An update of a device's flash memory.",
  {
    DEVLINK_CMD_FLASH_UPDATE: 58,
    DEVLINK_CMD_FLASH_UPDATE_END: 59,
    DEVLINK_CMD_FLASH_UPDATE_STATUS: 60,
  },
  flashAttrs,
);

export type Flash = Static<typeof flash>;
export type FlashInput = Input<typeof flash>;
