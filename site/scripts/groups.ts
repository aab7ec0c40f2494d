/** The multicast groups whose notifications are messages of a declaration. */
import type { AnyMessage } from '../../src/netlink/codec/message.ts';
import * as nft from '../../src/nftables/messages/constants.ts';
import { nftables } from '../../src/nftables/nf-tables.ts';
import * as rt from '../../src/rtnl/constants.ts';
import { MONITORED } from '../../src/rtnl/monitor/events.ts';

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
  return RTNLGRP.filter(({ number }) => numbers.has(number));
}
