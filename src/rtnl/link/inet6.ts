/**
 * The IPv6 settings of a link: AF_INET6 in `IFLA_AF_SPEC`, and `IFLA_PROTINFO` of family AF_INET6.
 *
 * include/uapi/linux/if_link.h, `IFLA_INET6_*`; include/uapi/linux/ipv6.h, `DEVCONF_*`;
 * include/uapi/linux/snmp.h; Documentation/networking/ip-sysctl.rst;
 * `ip link set dev eth0 addrgenmode none`.
 */
import { ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { counted, s32, u8, u32, u64, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { packed } from '../../netlink/codec/list.ts';
import { struct } from '../../netlink/codec/struct.ts';

/** `IF_*` of include/net/if_inet6.h: the state of router advertisements on the link. */
const inet6Flags = flagsOf(u32, {
  rs_sent: 0x10,
  ra_rcvd: 0x20,
  managed: 0x40,
  otherconf: 0x80,
  ready: 0x80000000,
});

const milliseconds = counted(s32, 'ms');
const seconds = counted(s32, 's');

/** `DEVCONF_*`: the values of /proc/sys/net/ipv6/conf/NAME. */
export const inet6Devconf = struct(
  'ipv6_devconf',
  {
    forwarding: s32,
    hoplimit: s32,
    mtu6: counted(s32, 'bytes'),
    acceptRa: s32,
    acceptRedirects: s32,
    autoconf: s32,
    dadTransmits: s32,
    rtrSolicits: s32,
    rtrSolicitInterval: milliseconds,
    rtrSolicitDelay: milliseconds,
    useTempaddr: s32,
    tempValidLft: seconds,
    tempPreferedLft: seconds,
    regenMaxRetry: s32,
    maxDesyncFactor: seconds,
    maxAddresses: s32,
    forceMldVersion: s32,
    acceptRaDefrtr: s32,
    acceptRaPinfo: s32,
    acceptRaRtrPref: s32,
    rtrProbeInterval: milliseconds,
    acceptRaRtInfoMaxPlen: s32,
    proxyNdp: s32,
    optimisticDad: s32,
    acceptSourceRoute: s32,
    mcForwarding: s32,
    disableIpv6: s32,
    acceptDad: s32,
    forceTllao: s32,
  },
  {
    ndiscNotify: s32,
    mldv1UnsolicitedReportInterval: milliseconds,
    mldv2UnsolicitedReportInterval: milliseconds,
    suppressFragNdisc: s32,
    acceptRaFromLocal: s32,
    useOptimistic: s32,
    acceptRaMtu: s32,
    stableSecret: s32,
    useOifAddrsOnly: s32,
    acceptRaMinHopLimit: s32,
    ignoreRoutesWithLinkdown: s32,
    dropUnicastInL2Multicast: s32,
    dropUnsolicitedNa: s32,
    keepAddrOnDown: s32,
    rtrSolicitMaxInterval: milliseconds,
    seg6Enabled: s32,
    seg6RequireHmac: s32,
    enhancedDad: s32,
    addrGenMode: s32,
    disablePolicy: s32,
    acceptRaRtInfoMinPlen: s32,
    ndiscTclass: s32,
    rplSegEnabled: s32,
    raDefrtrMetric: u32,
    ioam6Enabled: s32,
    ioam6Id: u32,
    ioam6IdWide: u32,
    ndiscEvictNocarrier: s32,
    acceptUntrackedNa: s32,
    acceptRaMinLft: seconds,
    forceForwarding: s32,
  },
);

export const inet6Cacheinfo = struct('ifla_cacheinfo', {
  maxReasmLen: counted(u32, 'bytes'),
  tstamp: counted(u32, '1/100 s'),
  reachableTime: counted(u32, 'ms'),
  retransTime: counted(u32, 'ms'),
});

/** `ICMP6_MIB_*`: counters of /proc/net/dev_snmp6/NAME; `num` is the number of values. */
export const icmp6Stats = struct(
  'icmp6_mib',
  { num: u64, inmsgs: u64, inerrors: u64, outmsgs: u64, outerrors: u64, csumerrors: u64 },
  { ratelimithost: u64 },
);

/** `IN6_ADDR_GEN_MODE_*`, by the names of `ip link`. */
export const addrGenMode = enumOf(u8, { eui64: 0, none: 1, stable_secret: 2, random: 3 });

export const inet6 = attrs({
  flags: attr('IFLA_INET6_FLAGS', 1, inet6Flags, 'state of router advertisements'),
  conf: attr('IFLA_INET6_CONF', 2, inet6Devconf, 'IPv6 settings of the link, as in sysctl'),
  stats: attr(
    'IFLA_INET6_STATS',
    3,
    packed(u64),
    'counters IPSTATS_MIB_*, preceded by their number; their order depends on the kernel',
  ),
  cacheinfo: attr('IFLA_INET6_CACHEINFO', 5, inet6Cacheinfo, 'times in ms, tstamp in 1/100 s'),
  icmp6stats: attr('IFLA_INET6_ICMP6STATS', 6, icmp6Stats, 'counters of ICMPv6'),
  token: attr('IFLA_INET6_TOKEN', 7, ipv6, 'lower half of autoconfigured addresses'),
  addrGenMode: attr(
    'IFLA_INET6_ADDR_GEN_MODE',
    8,
    addrGenMode,
    'how link-local addresses are generated',
  ),
  raMtu: attr('IFLA_INET6_RA_MTU', 9, u32, 'MTU advertised by a router, in bytes'),
});

export type Inet6 = Static<typeof inet6>;
export type Inet6Input = Input<typeof inet6>;
