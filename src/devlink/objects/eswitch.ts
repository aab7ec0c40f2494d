/**
 * The switch inside a network card, between its functions.
 *
 * include/uapi/linux/devlink.h; devlink-dev(8);
 * `devlink dev eswitch set pci/0000:01:00.0 mode switchdev`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { u16, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { devlinkMessage, handle } from '../declare.ts';

/** `DEVLINK_ESWITCH_INLINE_MODE_*` */
const inlineMode = enumOf(u8, { none: 0, link: 1, network: 2, transport: 3 });

export const eswitchAttrs = attrs({
  ...handle,
  eswitchMode: attr(
    'DEVLINK_ATTR_ESWITCH_MODE',
    25,
    enumOf(u16, { legacy: 0, switchdev: 1 }),
    'whether each function has a link of its own',
  ),
  eswitchInlineMode: attr(
    'DEVLINK_ATTR_ESWITCH_INLINE_MODE',
    26,
    inlineMode,
    'how much of a header goes with the descriptor',
  ),
  eswitchEncapMode: attr(
    'DEVLINK_ATTR_ESWITCH_ENCAP_MODE',
    62,
    enumOf(u8, { none: 0, basic: 1 }),
    'whether it can encapsulate',
  ),
});

export const eswitch = devlinkMessage(
  'eswitch',
  'The switch inside a network card.',
  { DEVLINK_CMD_ESWITCH_GET: 29, DEVLINK_CMD_ESWITCH_SET: 30 },
  eswitchAttrs,
);

export type Eswitch = Static<typeof eswitch>;
export type EswitchInput = Input<typeof eswitch>;
