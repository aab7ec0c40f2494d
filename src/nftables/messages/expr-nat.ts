/**
 * Expressions that translate a packet's addresses, duplicate it or send it elsewhere: `masq`,
 * `nat`, `redir`, `tproxy`, `dup`, `fwd`.
 *
 * include/uapi/linux/netfilter/nf_tables.h, nf_nat.h; nft(8), NAT STATEMENTS.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32 } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { NETWORK_FAMILIES } from '../../netlink/netfilter.ts';
import { register } from './data.ts';

/** `NF_NAT_RANGE_*`, include/uapi/linux/netfilter/nf_nat.h. */
const natFlags = flagsOf(be32, {
  'map-ips': 0x01,
  'proto-specified': 0x02,
  random: 0x04,
  persistent: 0x08,
  'fully-random': 0x10,
  'proto-offset': 0x20,
  netmap: 0x40,
});

/** Of the addresses in registers. */
const family = enumOf(be32, NETWORK_FAMILIES);

export const masq = attrs({
  flags: attr('NFTA_MASQ_FLAGS', 1, natFlags, 'how the port is chosen'),
  regProtoMin: attr('NFTA_MASQ_REG_PROTO_MIN', 2, register, 'register with the first port'),
  regProtoMax: attr('NFTA_MASQ_REG_PROTO_MAX', 3, register, 'register with the last port'),
});

export const nat = attrs({
  type: attr('NFTA_NAT_TYPE', 1, enumOf(be32, { snat: 0, dnat: 1 }), 'source or destination'),
  family: attr('NFTA_NAT_FAMILY', 2, family, 'family of the addresses'),
  regAddrMin: attr('NFTA_NAT_REG_ADDR_MIN', 3, register, 'register with the first address'),
  regAddrMax: attr('NFTA_NAT_REG_ADDR_MAX', 4, register, 'register with the last address'),
  regProtoMin: attr('NFTA_NAT_REG_PROTO_MIN', 5, register, 'register with the first port'),
  regProtoMax: attr('NFTA_NAT_REG_PROTO_MAX', 6, register, 'register with the last port'),
  flags: attr('NFTA_NAT_FLAGS', 7, natFlags, 'how address and port are chosen'),
});

export const redir = attrs({
  regProtoMin: attr('NFTA_REDIR_REG_PROTO_MIN', 1, register, 'register with the first port'),
  regProtoMax: attr('NFTA_REDIR_REG_PROTO_MAX', 2, register, 'register with the last port'),
  flags: attr('NFTA_REDIR_FLAGS', 3, natFlags, 'how the port is chosen'),
});

export const tproxy = attrs({
  family: attr('NFTA_TPROXY_FAMILY', 1, family, 'family of the address'),
  regAddr: attr('NFTA_TPROXY_REG_ADDR', 2, register, 'register with the address'),
  regPort: attr('NFTA_TPROXY_REG_PORT', 3, register, 'register with the port'),
});

export const dup = attrs({
  sregAddr: attr('NFTA_DUP_SREG_ADDR', 1, register, 'register with the gateway of the copy'),
  sregDev: attr('NFTA_DUP_SREG_DEV', 2, register, 'register with the interface for it'),
});

/** Sends the packet out of an interface; with an address, to that neighbour. */
export const fwd = attrs({
  sregDev: attr('NFTA_FWD_SREG_DEV', 1, register, 'register with the interface'),
  sregAddr: attr('NFTA_FWD_SREG_ADDR', 2, register, 'register with the address of a neighbour'),
  nfproto: attr('NFTA_FWD_NFPROTO', 3, family, 'family of the address'),
});
