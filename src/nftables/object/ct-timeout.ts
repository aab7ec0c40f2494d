/**
 * Connection timeouts that a rule assigns: for each state of a transport protocol, a number of
 * seconds. The attributes are those of ctnetlink's timeouts.
 *
 * include/uapi/linux/netfilter/nfnetlink_cttimeout.h; nft(8), CT TIMEOUT; `nft add ct timeout ip
 * example fast '{ protocol udp; policy = { replied : 30s }; }'`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { byKind, kinds } from '../../netlink/codec/by-kind.ts';
import { be16, be32, u8 } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { TRACKED } from '../../netlink/ip-protocols.ts';
import { NETWORK_FAMILIES } from '../../netlink/netfilter.ts';

/** The network protocol that an object applies to. */
export const l3proto = enumOf(be16, NETWORK_FAMILIES);

/** The transport protocols that connections are tracked by. */
export const l4proto = enumOf(u8, TRACKED);

const tcp = attrs({
  synSent: attr('CTA_TIMEOUT_TCP_SYN_SENT', 1, be32, 'seconds after the first SYN'),
  synRecv: attr('CTA_TIMEOUT_TCP_SYN_RECV', 2, be32, 'seconds after the answer to it'),
  established: attr('CTA_TIMEOUT_TCP_ESTABLISHED', 3, be32, 'seconds while it is open'),
  finWait: attr('CTA_TIMEOUT_TCP_FIN_WAIT', 4, be32, 'seconds after the first FIN'),
  closeWait: attr('CTA_TIMEOUT_TCP_CLOSE_WAIT', 5, be32, 'seconds after the answer to it'),
  lastAck: attr('CTA_TIMEOUT_TCP_LAST_ACK', 6, be32, 'seconds after the second FIN'),
  timeWait: attr('CTA_TIMEOUT_TCP_TIME_WAIT', 7, be32, 'seconds after the answer to that'),
  close: attr('CTA_TIMEOUT_TCP_CLOSE', 8, be32, 'seconds after a reset'),
  synSent2: attr('CTA_TIMEOUT_TCP_SYN_SENT2', 9, be32, 'seconds after a SYN of each end'),
  retrans: attr('CTA_TIMEOUT_TCP_RETRANS', 10, be32, 'seconds after too many retransmissions'),
  unack: attr('CTA_TIMEOUT_TCP_UNACK', 11, be32, 'seconds while data is not acknowledged'),
});

const udp = attrs({
  unreplied: attr('CTA_TIMEOUT_UDP_UNREPLIED', 1, be32, 'seconds before the first answer'),
  replied: attr('CTA_TIMEOUT_UDP_REPLIED', 2, be32, 'seconds after it'),
});

const udplite = attrs({
  unreplied: attr('CTA_TIMEOUT_UDPLITE_UNREPLIED', 1, be32, 'seconds before the first answer'),
  replied: attr('CTA_TIMEOUT_UDPLITE_REPLIED', 2, be32, 'seconds after it'),
});

const gre = attrs({
  unreplied: attr('CTA_TIMEOUT_GRE_UNREPLIED', 1, be32, 'seconds before the first answer'),
  replied: attr('CTA_TIMEOUT_GRE_REPLIED', 2, be32, 'seconds after it'),
});

const icmp = attrs({
  timeout: attr('CTA_TIMEOUT_ICMP_TIMEOUT', 1, be32, 'seconds after a request'),
});

const icmpv6 = attrs({
  timeout: attr('CTA_TIMEOUT_ICMPV6_TIMEOUT', 1, be32, 'seconds after a request'),
});

const dccp = attrs({
  request: attr('CTA_TIMEOUT_DCCP_REQUEST', 1, be32, 'seconds after a request'),
  respond: attr('CTA_TIMEOUT_DCCP_RESPOND', 2, be32, 'seconds after the response'),
  partopen: attr('CTA_TIMEOUT_DCCP_PARTOPEN', 3, be32, 'seconds until data is acknowledged'),
  open: attr('CTA_TIMEOUT_DCCP_OPEN', 4, be32, 'seconds while it is open'),
  closereq: attr('CTA_TIMEOUT_DCCP_CLOSEREQ', 5, be32, 'seconds after a request to close'),
  closing: attr('CTA_TIMEOUT_DCCP_CLOSING', 6, be32, 'seconds after a Close'),
  timewait: attr('CTA_TIMEOUT_DCCP_TIMEWAIT', 7, be32, 'seconds after a reset'),
});

const sctp = attrs({
  closed: attr('CTA_TIMEOUT_SCTP_CLOSED', 1, be32, 'seconds when it is closed'),
  cookieWait: attr('CTA_TIMEOUT_SCTP_COOKIE_WAIT', 2, be32, 'seconds after INIT'),
  cookieEchoed: attr('CTA_TIMEOUT_SCTP_COOKIE_ECHOED', 3, be32, 'seconds after COOKIE ECHO'),
  established: attr('CTA_TIMEOUT_SCTP_ESTABLISHED', 4, be32, 'seconds while it is open'),
  shutdownSent: attr(
    'CTA_TIMEOUT_SCTP_SHUTDOWN_SENT',
    5,
    be32,
    'seconds after SHUTDOWN by the client',
  ),
  shutdownRecd: attr(
    'CTA_TIMEOUT_SCTP_SHUTDOWN_RECD',
    6,
    be32,
    'seconds after SHUTDOWN by the server',
  ),
  shutdownAckSent: attr(
    'CTA_TIMEOUT_SCTP_SHUTDOWN_ACK_SENT',
    7,
    be32,
    'seconds after SHUTDOWN ACK',
  ),
  heartbeatSent: attr('CTA_TIMEOUT_SCTP_HEARTBEAT_SENT', 8, be32, 'seconds after a heartbeat'),
  heartbeatAcked: attr(
    'CTA_TIMEOUT_SCTP_HEARTBEAT_ACKED',
    9,
    be32,
    'seconds; not used since Linux 6.1',
  ),
});

/** The states of a connection, by transport protocol. */
export const timeoutKinds = kinds('protocol of a timeout', {
  icmp,
  tcp,
  udp,
  dccp,
  gre,
  icmpv6,
  sctp,
  udplite,
});

export const ctTimeout = attrs({
  l3proto: attr('NFTA_CT_TIMEOUT_L3PROTO', 1, l3proto, 'network protocol it applies to'),
  l4proto: attr('NFTA_CT_TIMEOUT_L4PROTO', 2, l4proto, 'transport protocol it applies to'),
  data: attr(
    'NFTA_CT_TIMEOUT_DATA',
    3,
    nested(byKind('l4proto', timeoutKinds)),
    'seconds until a connection is forgotten, by its state',
  ),
});
