/** The multicast groups whose notifications are messages of a declaration. */
import * as ct from '../../src/conntrack/constants.ts';
import type { AnyMessage } from '../../src/netlink/codec/message.ts';
import * as nft from '../../src/nftables/messages/constants.ts';
import { nftables } from '../../src/nftables/nf-tables.ts';
import * as rt from '../../src/rtnl/constants.ts';
import { MONITORED } from '../../src/rtnl/monitor/events.ts';
import * as tc from '../../src/tc/constants.ts';
import * as xfrm from '../../src/xfrm/constants.ts';

export interface Group {
  /** `RTNLGRP_LINK` */
  readonly name: string;
  readonly number: number;
}

const named = (constants: object, prefix: string): Group[] =>
  Object.entries(constants as Record<string, number>)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, number]) => ({ name, number }));

const RTNLGRP = named(rt, 'RTNLGRP_');
const NFNLGRP = named(nft, 'NFNLGRP_');

const XFRMNLGRP = named(xfrm, 'XFRMNLGRP_');

/** Types of other families with the groups that the kernel tells of them: its `…_notify`. */
const OTHERS: readonly (readonly [type: RegExp, groups: readonly Group[]])[] = [
  [/^RTM_NEW(QDISC|TCLASS|TFILTER|CHAIN)$/, named(tc, 'RTNLGRP_TC')],
  [
    /^IPCTNL_MSG_CT_NEW$/,
    named(ct, 'NFNLGRP_CONNTRACK_').filter(({ name }) => !/_EXP_/.test(name)),
  ],
  [/^IPCTNL_MSG_EXP_NEW$/, named(ct, 'NFNLGRP_CONNTRACK_EXP_')],
  [/^XFRM_MSG_NEWSA$/, ofXfrm('SA')],
  [/^XFRM_MSG_NEWPOLICY$/, ofXfrm('POLICY')],
  [/^XFRM_MSG_ACQUIRE$/, ofXfrm('ACQUIRE')],
  [/^XFRM_MSG_(POL)?EXPIRE$/, ofXfrm('EXPIRE')],
  [/^XFRM_MSG_NEWAE$/, ofXfrm('AEVENTS')],
  [/^XFRM_MSG_REPORT$/, ofXfrm('REPORT')],
  [/^XFRM_MSG_MIGRATE$/, ofXfrm('MIGRATE')],
  [/^XFRM_MSG_MAPPING$/, ofXfrm('MAPPING')],
];

function ofXfrm(word: string): Group[] {
  return XFRMNLGRP.filter(({ name }) => name === `XFRMNLGRP_${word}`);
}

export function groupsOf(messages: readonly AnyMessage[]): Group[] {
  if (messages.some((each) => nftables.messages.includes(each))) return NFNLGRP;
  const monitored = Object.values(MONITORED) as {
    groups: readonly number[];
    messages: readonly unknown[];
  }[];
  const numbers = new Set(
    monitored
      .filter((each) => each.messages.some((message) => messages.includes(message as AnyMessage)))
      .flatMap(({ groups }) => groups),
  );
  const types = messages.flatMap((each) => Object.keys(each.types));
  const others = OTHERS.filter(([type]) => types.some((each) => type.test(each)));
  return [
    ...RTNLGRP.filter(({ number }) => numbers.has(number)),
    ...others.flatMap(([, groups]) => groups),
  ];
}
