/**
 * Driver, serial numbers and versions of a device.
 *
 * include/uapi/linux/devlink.h; devlink-dev(8); `devlink dev info`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { cstr, type Input, type Static } from '../../netlink/codec/codec.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { devlinkMessage, handle } from '../declare.ts';

const version = attrs({
  infoVersionName: attr(
    'DEVLINK_ATTR_INFO_VERSION_NAME',
    103,
    cstr,
    'what has the version: `fw.mgmt`',
  ),
  infoVersionValue: attr('DEVLINK_ATTR_INFO_VERSION_VALUE', 104, cstr, 'the version'),
});

export const devInfoAttrs = attrs({
  ...handle,
  infoDriverName: attr('DEVLINK_ATTR_INFO_DRIVER_NAME', 98, cstr, 'name of the driver'),
  infoSerialNumber: attr(
    'DEVLINK_ATTR_INFO_SERIAL_NUMBER',
    99,
    cstr,
    'serial number of the device',
  ),
  infoBoardSerialNumber: attr(
    'DEVLINK_ATTR_INFO_BOARD_SERIAL_NUMBER',
    146,
    cstr,
    'serial number of the board',
  ),
  infoVersionFixed: manyAttr(
    'DEVLINK_ATTR_INFO_VERSION_FIXED',
    100,
    nested(version),
    'a version that never changes',
  ),
  infoVersionRunning: manyAttr(
    'DEVLINK_ATTR_INFO_VERSION_RUNNING',
    101,
    nested(version),
    'a version in use',
  ),
  infoVersionStored: manyAttr(
    'DEVLINK_ATTR_INFO_VERSION_STORED',
    102,
    nested(version),
    'a version in flash memory',
  ),
});

export const devInfo = devlinkMessage(
  'dev-info',
  'Driver, serial numbers and versions of a device.',
  { DEVLINK_CMD_INFO_GET: 51 },
  devInfoAttrs,
);

export type DevInfo = Static<typeof devInfo>;
export type DevInfoInput = Input<typeof devInfo>;
