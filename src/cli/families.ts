/**
 * The netlink protocols that a capture may contain. Of those that are not declared the headers are
 * decoded, and the rest is shown as bytes.
 *
 * include/uapi/linux/netlink.h.
 */
import { ctnetlink } from '../conntrack/ctnetlink.ts';
import { sockDiag } from '../diag/sock-diag.ts';
import { generic } from '../genl/generic.ts';
import { protocol } from '../netlink/codec/message.ts';
import { protocolOf, type Protocol } from '../netlink/codec/protocol.ts';
import {
  NETLINK_GENERIC,
  NETLINK_KOBJECT_UEVENT,
  NETLINK_NETFILTER,
  NETLINK_ROUTE,
  NETLINK_SOCK_DIAG,
  NETLINK_XFRM,
} from '../netlink/constants.ts';
import { nftables } from '../nftables/nf-tables.ts';
import { rtnetlink } from '../rtnl/rtnetlink.ts';
import { trafficControl } from '../tc/traffic-control.ts';
import { packetLog } from '../nflog/packet-log.ts';
import { packetQueue } from '../nfqueue/packet-queue.ts';
import { ipsec } from '../xfrm/ipsec.ts';
import { genericWith } from './genl-families.ts';

/** The third argument of socket(2). */
const NUMBERS: Readonly<Record<string, number>> = {
  NETLINK_ROUTE,
  NETLINK_UNUSED: 1,
  NETLINK_USERSOCK: 2,
  NETLINK_FIREWALL: 3,
  NETLINK_SOCK_DIAG,
  NETLINK_NFLOG: 5,
  NETLINK_XFRM,
  NETLINK_SELINUX: 7,
  NETLINK_ISCSI: 8,
  NETLINK_AUDIT: 9,
  NETLINK_FIB_LOOKUP: 10,
  NETLINK_CONNECTOR: 11,
  NETLINK_NETFILTER,
  NETLINK_IP6_FW: 13,
  NETLINK_DNRTMSG: 14,
  NETLINK_KOBJECT_UEVENT,
  NETLINK_GENERIC,
  NETLINK_SCSITRANSPORT: 18,
  NETLINK_ECRYPTFS: 19,
  NETLINK_RDMA: 20,
  NETLINK_CRYPTO: 21,
  NETLINK_SMC: 22,
};

const DECLARED: Readonly<Record<string, Protocol>> = {
  [rtnetlink.name]: protocol(rtnetlink.name, rtnetlink.number, [
    ...rtnetlink.messages,
    ...trafficControl.messages,
  ]),
  [nftables.name]: protocol(nftables.name, nftables.number, [
    ...nftables.messages,
    ...ctnetlink.messages,
    ...packetQueue.messages,
    ...packetLog.messages,
  ]),
  [generic.name]: generic,
  [sockDiag.name]: sockDiag,
  [ipsec.name]: ipsec,
};

/**
 * The protocol of a name, `NETLINK_ROUTE` or `route`; undefined for an unknown name. That of
 * generic netlink may be followed by ids of families, `generic:wireguard=26`.
 */
export function familyOf(word: string): Protocol | undefined {
  const [plain = '', ids] = word.split(':', 2);
  const known = byWord(plain);
  if (ids === undefined) return known;
  return known === generic ? genericWith(ids) : undefined;
}

function byWord(word: string): Protocol | undefined {
  const upper = word.toUpperCase().replaceAll('-', '_');
  const name = upper.startsWith('NETLINK_') ? upper : `NETLINK_${upper}`;
  const known = {
    NETLINK_UEVENT: 'NETLINK_KOBJECT_UEVENT',
    NETLINK_INET_DIAG: 'NETLINK_SOCK_DIAG',
  };
  return byName(known[name as keyof typeof known] ?? name);
}

function byName(name: string): Protocol | undefined {
  const number = NUMBERS[name];
  return number === undefined ? undefined : (DECLARED[name] ?? protocolOf(name, number, []));
}

export function familyByNumber(number: number): Protocol {
  const [name] = Object.entries(NUMBERS).find(([, each]) => each === number) ?? [];
  return (name && byName(name)) || protocolOf(`netlink protocol ${number}`, number, []);
}

/** The names for `--protocol`. */
export const FAMILIES: readonly string[] = Object.keys(NUMBERS).map((name) =>
  name.slice('NETLINK_'.length).toLowerCase(),
);
