/**
 * A rule of policy routing: `RTM_NEWRULE`, `RTM_DELRULE`, `RTM_GETRULE`.
 *
 * include/uapi/linux/fib_rules.h; ip-rule(8); `ip rule add from 192.0.2.0/24 fwmark 1 lookup 100`.
 */
import { familyIp } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import {
  be32,
  be64,
  bool8,
  cstr,
  s32,
  u16,
  u32,
  u8,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE } from '../constants.ts';
import { family } from '../family.ts';
import { ipProtocol } from '../ip-protocol.ts';
import { realms } from '../route/realms.ts';
import { routeProtocol, table, tableByte } from '../route/route-table.ts';

/** `FR_ACT_*`. */
const action = enumOf(u8, {
  unspec: 0,
  to_tbl: 1,
  goto: 2,
  nop: 3,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
});

/** `FIB_RULE_*`; `invert` is `not` in ip-rule(8). */
const ruleFlags = flagsOf(u32, {
  permanent: 0x01,
  invert: 0x02,
  unresolved: 0x04,
  iif_detached: 0x08,
  oif_detached: 0x10,
  find_saddr: 0x10000,
});

export const fibRuleHdr = struct('fib_rule_hdr', {
  family,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  table: tableByte,
  _res1: u8,
  _res2: u8,
  action,
  flags: ruleFlags,
});

export const fibRuleUidRange = struct('fib_rule_uid_range', { start: u32, end: u32 });
export const fibRulePortRange = struct('fib_rule_port_range', { start: u16, end: u16 });

export const fra = attrs({
  dst: attr('FRA_DST', 1, familyIp, 'destination prefix; its length is in the header'),
  src: attr('FRA_SRC', 2, familyIp, 'source prefix; its length is in the header'),
  iifname: attr('FRA_IIFNAME', 3, cstr, 'name of the input interface'),
  goto: attr('FRA_GOTO', 4, u32, 'priority of the rule to jump to'),
  priority: attr('FRA_PRIORITY', 6, u32, 'priority; the lowest is evaluated first'),
  fwmark: attr('FRA_FWMARK', 10, u32, 'firewall mark'),
  flow: attr('FRA_FLOW', 11, realms, 'realms assigned to the packet'),
  tunId: attr('FRA_TUN_ID', 12, be64, 'tunnel id'),
  suppressIfgroup: attr(
    'FRA_SUPPRESS_IFGROUP',
    13,
    s32,
    'ignore routes through this interface group; -1: none',
  ),
  suppressPrefixlen: attr(
    'FRA_SUPPRESS_PREFIXLEN',
    14,
    s32,
    'ignore routes with a prefix of this length or shorter; -1: none',
  ),
  table: attr('FRA_TABLE', 15, table, 'routing table; the header holds only the lower byte'),
  fwmask: attr('FRA_FWMASK', 16, u32, 'mask of the firewall mark'),
  oifname: attr('FRA_OIFNAME', 17, cstr, 'name of the output interface'),
  l3mdev: attr('FRA_L3MDEV', 19, bool8, "use the VRF's table"),
  uidRange: attr('FRA_UID_RANGE', 20, fibRuleUidRange, 'range of user ids'),
  protocol: attr('FRA_PROTOCOL', 21, routeProtocol, 'origin of the rule'),
  ipProto: attr('FRA_IP_PROTO', 22, ipProtocol, 'transport protocol'),
  sportRange: attr('FRA_SPORT_RANGE', 23, fibRulePortRange, 'range of source ports'),
  dportRange: attr('FRA_DPORT_RANGE', 24, fibRulePortRange, 'range of destination ports'),
  dscp: attr('FRA_DSCP', 25, u8, 'differentiated services code point, six bits'),
  flowlabel: attr('FRA_FLOWLABEL', 26, be32, 'IPv6 flow label'),
  flowlabelMask: attr('FRA_FLOWLABEL_MASK', 27, be32, 'mask of the flow label'),
  sportMask: attr('FRA_SPORT_MASK', 28, u16, 'mask of the source port'),
  dportMask: attr('FRA_DPORT_MASK', 29, u16, 'mask of the destination port'),
  dscpMask: attr('FRA_DSCP_MASK', 30, u8, 'mask of the code point'),
});

export const rule = message('rule', { RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE }, fibRuleHdr, fra, {
  doc: 'A rule that selects a routing table.',
  subject: ({ attrs: a }) => (a?.priority === undefined ? undefined : String(a.priority)),
});

export type Rule = Static<typeof rule>;
export type RuleInput = Input<typeof rule>;
