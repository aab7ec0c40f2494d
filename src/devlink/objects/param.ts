/**
 * A parameter of a device or a port: a setting of its driver or its firmware.
 *
 * include/uapi/linux/devlink.h; devlink-dev(8);
 * `devlink dev param set pci/0000:01:00.0 name max_macs value 8 cmode runtime`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { bytes, cstr, flag, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { devlinkMessage, portHandle, valueType } from '../declare.ts';

const name = {
  paramName: attr('DEVLINK_ATTR_PARAM_NAME', 81, cstr, 'name of the parameter'),
};
const type = {
  paramType: attr('DEVLINK_ATTR_PARAM_TYPE', 83, valueType, 'type of its value'),
};
const value = {
  paramValueData: attr(
    'DEVLINK_ATTR_PARAM_VALUE_DATA',
    86,
    bytes,
    'the value, of the type of the parameter; a flag that is off has none',
  ),
  paramValueCmode: attr(
    'DEVLINK_ATTR_PARAM_VALUE_CMODE',
    87,
    enumOf(u8, { runtime: 0, driverinit: 1, permanent: 2 }),
    'when it takes effect: at once, at the next reload, or at the next start',
  ),
};
const values = attrs({
  paramValue: manyAttr(
    'DEVLINK_ATTR_PARAM_VALUE',
    85,
    nested(attrs(value)),
    'the value in one mode',
  ),
});
const parameter = attrs({
  ...name,
  paramGeneric: attr('DEVLINK_ATTR_PARAM_GENERIC', 82, flag, 'whether it is one of all drivers'),
  ...type,
  paramValuesList: attr('DEVLINK_ATTR_PARAM_VALUES_LIST', 84, nested(values), 'its values'),
});

export const paramAttrs = attrs({
  ...portHandle,
  param: attr('DEVLINK_ATTR_PARAM', 80, nested(parameter), 'the parameter'),
  ...name,
  ...type,
  ...value,
});

export const param = devlinkMessage(
  'param',
  'A parameter of a device.',
  {
    DEVLINK_CMD_PARAM_GET: 38,
    DEVLINK_CMD_PARAM_SET: 39,
    DEVLINK_CMD_PARAM_NEW: 40,
    DEVLINK_CMD_PARAM_DEL: 41,
  },
  paramAttrs,
);

export const portParam = devlinkMessage(
  'port-param',
  'A parameter of a port.',
  {
    DEVLINK_CMD_PORT_PARAM_GET: 47,
    DEVLINK_CMD_PORT_PARAM_SET: 48,
    DEVLINK_CMD_PORT_PARAM_NEW: 49,
    DEVLINK_CMD_PORT_PARAM_DEL: 50,
  },
  paramAttrs,
);

export type Param = Static<typeof param>;
export type ParamInput = Input<typeof param>;
export type PortParam = Static<typeof portParam>;
export type PortParamInput = Input<typeof portParam>;
