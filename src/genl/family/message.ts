/**
 * A family of generic netlink, as its controller `nlctrl` describes it: id, commands, multicast
 * groups, and the policy by which the kernel checks its attributes.
 *
 * include/uapi/linux/genetlink.h; net/netlink/genetlink.c, net/netlink/policy.c;
 * `genl ctrl list`, `genl ctrl get name nlctrl`, `genl ctrl policy name nlctrl`.
 */
import { policy } from '../../netlink/codec/ack.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { cstr, u16, u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { numbered } from '../../netlink/codec/numbered.ts';
import { list } from '../../netlink/codec/list.ts';
import { nested } from '../../netlink/codec/nested.ts';
import * as c from '../constants.ts';
import { genlFamily, genlMessage } from '../declare.ts';

/** `GENL_ADMIN_PERM`, `GENL_CMD_CAP_*`, `GENL_UNS_ADMIN_PERM`. */
const opFlags = flagsOf(u32, {
  admin_perm: 0x01,
  do: 0x02,
  dump: 0x04,
  haspol: 0x08,
  uns_admin_perm: 0x10,
});

export const ctrlAttrOp = attrs({
  id: attr('CTRL_ATTR_OP_ID', 1, u32, 'number of the command'),
  flags: attr(
    'CTRL_ATTR_OP_FLAGS',
    2,
    opFlags,
    'what it can do, and whether it needs CAP_NET_ADMIN',
  ),
});

export const ctrlAttrMcastGrp = attrs({
  name: attr('CTRL_ATTR_MCAST_GRP_NAME', 1, cstr, 'name within the family'),
  id: attr('CTRL_ATTR_MCAST_GRP_ID', 2, u32, 'number by which a socket joins it'),
});

export const ctrlAttrPolicy = attrs({
  do: attr('CTRL_ATTR_POLICY_DO', 1, u32, 'index of the policy of requests'),
  dump: attr('CTRL_ATTR_POLICY_DUMP', 2, u32, 'index of the policy of dump requests'),
});

export const ctrlAttr = attrs({
  familyId: attr('CTRL_ATTR_FAMILY_ID', 1, u16, 'message type of the family'),
  familyName: attr('CTRL_ATTR_FAMILY_NAME', 2, cstr, 'name of the family'),
  version: attr('CTRL_ATTR_VERSION', 3, u32, 'version of the family'),
  hdrsize: attr('CTRL_ATTR_HDRSIZE', 4, u32, "bytes of the family's own header"),
  maxattr: attr('CTRL_ATTR_MAXATTR', 5, u32, 'largest attribute, unless each command has its own'),
  ops: attr(
    'CTRL_ATTR_OPS',
    6,
    list('CTRL_ATTR_OPS', ctrlAttrOp, { from: 1 }),
    'commands that can be sent',
  ),
  mcastGroups: attr(
    'CTRL_ATTR_MCAST_GROUPS',
    7,
    list('CTRL_ATTR_MCAST_GROUPS', ctrlAttrMcastGrp, { from: 1 }),
    'multicast groups',
  ),
  policy: attr(
    'CTRL_ATTR_POLICY',
    8,
    nested(numbered('CTRL_ATTR_POLICY', nested(numbered('attribute', nested(policy))))),
    'policies by their index, each with its attributes by their numbers',
  ),
  opPolicy: attr(
    'CTRL_ATTR_OP_POLICY',
    9,
    nested(numbered('CTRL_ATTR_OP_POLICY', nested(ctrlAttrPolicy))),
    'policies of commands, by the number of the command',
  ),
  op: attr('CTRL_ATTR_OP', 10, u32, 'only the policies of this command'),
});

export const family = genlMessage(
  'family',
  {
    CTRL_CMD_NEWFAMILY: c.CTRL_CMD_NEWFAMILY,
    CTRL_CMD_DELFAMILY: c.CTRL_CMD_DELFAMILY,
    CTRL_CMD_GETFAMILY: c.CTRL_CMD_GETFAMILY,
    CTRL_CMD_NEWMCAST_GRP: c.CTRL_CMD_NEWMCAST_GRP,
    CTRL_CMD_DELMCAST_GRP: c.CTRL_CMD_DELMCAST_GRP,
    CTRL_CMD_GETPOLICY: c.CTRL_CMD_GETPOLICY,
  },
  ctrlAttr,
  {
    doc: 'A family, with its commands and groups, or with its policies.',
    subject: ({ attrs: a }) =>
      a?.familyName ?? (a?.familyId === undefined ? undefined : String(a.familyId)),
  },
);

export type Family = Static<typeof family>;
export type FamilyInput = Input<typeof family>;

/** The controller, itself a family: the only one whose id never changes. */
export const nlctrl = genlFamily('nlctrl', { version: 2, messages: [family] });
