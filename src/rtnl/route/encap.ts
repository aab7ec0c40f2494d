/**
 * Lightweight tunnels: the encapsulation of a route or a next hop. `RTA_ENCAP_TYPE`
 * (`NHA_ENCAP_TYPE`) is the type, `RTA_ENCAP` (`NHA_ENCAP`) holds its attributes.
 *
 * include/uapi/linux/lwtunnel.h, mpls_iptunnel.h, seg6_iptunnel.h, ila.h; ip-route(8), ENCAP;
 * `ip route add 192.0.2.0/24 encap mpls 100/200 via inet 198.51.100.1`.
 */
import { ipv4, ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs, manyAttr, type Selected } from '../../netlink/codec/attributes.ts';
import { byKind, kinds } from '../../netlink/codec/by-kind.ts';
import {
  be16,
  be32,
  be64,
  bytes,
  cstr,
  u8,
  u16,
  u32,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { labels } from '../mpls.ts';
import { encapIoam6 } from './ioam6.ts';
import { encapRpl } from './rpl.ts';
import { encapSeg6local } from './seg6-local.ts';
import { seg6Srh } from './seg6.ts';

/** `enum lwtunnel_encap_types`. */
export const encapType = enumOf(u16, {
  none: 0,
  mpls: 1,
  ip: 2,
  ila: 3,
  ip6: 4,
  seg6: 5,
  bpf: 6,
  seg6local: 7,
  rpl: 8,
  ioam6: 9,
  xfrm: 10,
});

/** Bits of the tunnel header, include/uapi/linux/if_tunnel.h; in network order. */
const tunnelFlags = flagsOf(be16, {
  csum: 0x01,
  routing: 0x02,
  key: 0x04,
  seq: 0x08,
  strict: 0x10,
  rec: 0x20,
  version: 0x40,
  'no-key': 0x80,
  'dont-fragment': 0x100,
  oam: 0x200,
  'crit-opt': 0x400,
  geneve: 0x800,
  vxlan: 0x1000,
  nocache: 0x2000,
  erspan: 0x4000,
});

export const encapMpls = attrs({
  dst: attr('MPLS_IPTUNNEL_DST', 1, labels, 'labels to push, outermost first'),
  ttl: attr('MPLS_IPTUNNEL_TTL', 2, u8, 'time to live; 0: inherit from the packet'),
});

/** Metadata of a Geneve tunnel: one option, RFC 8926, section 3.5. */
const encapGeneve = attrs({
  class: attr('LWTUNNEL_IP_OPT_GENEVE_CLASS', 1, be16, 'class of the option'),
  type: attr('LWTUNNEL_IP_OPT_GENEVE_TYPE', 2, u8, 'type within the class'),
  data: attr(
    'LWTUNNEL_IP_OPT_GENEVE_DATA',
    3,
    bytes,
    'data of the option, a multiple of four bytes',
  ),
});

const encapVxlan = attrs({
  gbp: attr('LWTUNNEL_IP_OPT_VXLAN_GBP', 1, u32, 'group policy id'),
});

const encapErspan = attrs({
  ver: attr('LWTUNNEL_IP_OPT_ERSPAN_VER', 1, u8, 'version, 1 or 2'),
  index: attr('LWTUNNEL_IP_OPT_ERSPAN_INDEX', 2, be32, 'index, version 1'),
  dir: attr('LWTUNNEL_IP_OPT_ERSPAN_DIR', 3, u8, 'direction, version 2: 0 ingress, 1 egress'),
  hwid: attr('LWTUNNEL_IP_OPT_ERSPAN_HWID', 4, u8, 'engine id, version 2'),
});

/** One of the three; Geneve may have several options. */
const encapOpts = attrs({
  geneve: manyAttr('LWTUNNEL_IP_OPTS_GENEVE', 1, encapGeneve, 'an option of Geneve'),
  vxlan: attr('LWTUNNEL_IP_OPTS_VXLAN', 2, encapVxlan, 'extension of VXLAN'),
  erspan: attr('LWTUNNEL_IP_OPTS_ERSPAN', 3, encapErspan, 'header of ERSPAN'),
});

export const encapIp = attrs({
  id: attr('LWTUNNEL_IP_ID', 1, be64, 'tunnel id: a VNI, a key'),
  dst: attr('LWTUNNEL_IP_DST', 2, ipv4, 'remote end'),
  src: attr('LWTUNNEL_IP_SRC', 3, ipv4, 'local end'),
  ttl: attr('LWTUNNEL_IP_TTL', 4, u8, 'time to live'),
  tos: attr('LWTUNNEL_IP_TOS', 5, u8, 'type of service'),
  flags: attr('LWTUNNEL_IP_FLAGS', 6, tunnelFlags, 'optional fields of the tunnel header'),
  opts: attr('LWTUNNEL_IP_OPTS', 8, encapOpts, 'metadata of geneve, vxlan or erspan'),
});

export const encapIp6 = attrs({
  id: attr('LWTUNNEL_IP6_ID', 1, be64, 'tunnel id: a VNI, a key'),
  dst: attr('LWTUNNEL_IP6_DST', 2, ipv6, 'remote end'),
  src: attr('LWTUNNEL_IP6_SRC', 3, ipv6, 'local end'),
  hoplimit: attr('LWTUNNEL_IP6_HOPLIMIT', 4, u8, 'hop limit'),
  tc: attr('LWTUNNEL_IP6_TC', 5, u8, 'traffic class'),
  flags: attr('LWTUNNEL_IP6_FLAGS', 6, tunnelFlags, 'optional fields of the tunnel header'),
  opts: attr('LWTUNNEL_IP6_OPTS', 8, encapOpts, 'metadata of geneve, vxlan or erspan'),
});

export const encapSeg6 = attrs({
  srh: attr('SEG6_IPTUNNEL_SRH', 1, seg6Srh, 'mode and segment routing header'),
});

/** A program of type LWT_*, by its descriptor in requests. */
const encapProgram = attrs({
  fd: attr('LWT_BPF_PROG_FD', 1, u32, 'descriptor of the program; only in requests'),
  name: attr('LWT_BPF_PROG_NAME', 2, cstr, 'name of the program'),
});

export const encapBpf = attrs({
  in: attr('LWT_BPF_IN', 1, encapProgram, 'program for received packets'),
  out: attr('LWT_BPF_OUT', 2, encapProgram, 'program for packets of this host'),
  xmit: attr('LWT_BPF_XMIT', 3, encapProgram, 'program for transmitted packets'),
  xmitHeadroom: attr('LWT_BPF_XMIT_HEADROOM', 4, u32, 'bytes that xmit may add, at most 256'),
});

/** `ILA_CSUM_*`: how checksums are kept valid. */
const ilaCsumMode = enumOf(u8, {
  'adj-transport': 0,
  'neutral-map': 1,
  'no-action': 2,
  'neutral-map-auto': 3,
});
/** `ILA_ATYPE_*`. */
const ilaIdentType = enumOf(u8, {
  iid: 0,
  luid: 1,
  'virt-v4': 2,
  'virt-uni-v6': 3,
  'virt-multi-v6': 4,
  'nonlocal-addr': 5,
  'use-format': 32,
});
const ilaHookType = enumOf(u8, { output: 0, input: 1 });

/** Identifier locator addressing: the first half of the destination is replaced. */
export const encapIla = attrs({
  locator: attr('ILA_ATTR_LOCATOR', 1, be64, 'the first 64 bits of the new address'),
  csumMode: attr('ILA_ATTR_CSUM_MODE', 7, ilaCsumMode, 'how checksums are kept valid'),
  identType: attr('ILA_ATTR_IDENT_TYPE', 8, ilaIdentType, 'type of the identifier'),
  hookType: attr('ILA_ATTR_HOOK_TYPE', 9, ilaHookType, 'direction'),
});

export const encapXfrm = attrs({
  ifId: attr('LWT_XFRM_IF_ID', 1, u32, 'id that policies refer to'),
  link: attr('LWT_XFRM_LINK', 2, u32, 'index of the underlying link'),
});

/** Callers can register further types; the data of an unregistered type is kept as bytes. */
export const encaps = kinds('encapsulation', {
  mpls: encapMpls,
  ip: encapIp,
  ip6: encapIp6,
  ila: encapIla,
  seg6: encapSeg6,
  bpf: encapBpf,
  seg6local: encapSeg6local,
  rpl: encapRpl,
  ioam6: encapIoam6,
  xfrm: encapXfrm,
});

export type Encap =
  | Static<typeof encapMpls>
  | Static<typeof encapIp>
  | Static<typeof encapIp6>
  | Static<typeof encapIla>
  | Static<typeof encapSeg6>
  | Static<typeof encapBpf>
  | Static<typeof encapSeg6local>
  | Static<typeof encapRpl>
  | Static<typeof encapIoam6>
  | Static<typeof encapXfrm>;
export type EncapInput =
  | Input<typeof encapMpls>
  | Input<typeof encapIp>
  | Input<typeof encapIp6>
  | Input<typeof encapIla>
  | Input<typeof encapSeg6>
  | Input<typeof encapBpf>
  | Input<typeof encapSeg6local>
  | Input<typeof encapRpl>
  | Input<typeof encapIoam6>
  | Input<typeof encapXfrm>;

/** The attributes selected by `encapType`. */
export const encap: Selected<Encap, EncapInput> = byKind('encapType', encaps);
