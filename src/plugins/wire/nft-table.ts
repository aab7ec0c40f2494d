/** NFT_MSG_GETTABLE as DEL asks it; src/nftables has all of nf_tables. include/uapi/linux/netfilter/nf_tables.h. */
import type { Writer } from '../../netlink/bytes.ts';
import { NETLINK_NETFILTER } from '../../netlink/constants.ts';
import { protocol } from '../../netlink/message.ts';
import type { Request } from '../../netlink/reply.ts';
import { NFT_MSG_GETTABLE, NFT_MSG_NEWTABLE } from '../../nftables/constants.ts';
import { written } from './message.ts';
import { putText, putStruct } from './tlv.ts';

const NFGENMSG = 4;
/** NFPROTO_* */
const FAMILIES = { inet: 1, ip: 2, bridge: 7, ip6: 10 } as const;

export interface TableName {
  readonly family: keyof typeof FAMILIES;
  readonly table: string;
}

const table = written<true, TableName>({
  name: 'table',
  types: { NFT_MSG_NEWTABLE, NFT_MSG_GETTABLE },
  head: NFGENMSG,
  put(w: Writer, { family, table: name }) {
    const at = putStruct(w, NFGENMSG);
    w.bytes[at] = FAMILIES[family];
    putText(w, 1, name);
  },
  // That it is there is all that is asked.
  get: () => true,
  subject: ({ table: name }) => name,
  names: () => ({ 1: 'NFTA_TABLE_NAME' }),
});

/** Asks for a table; ENOENT when it is not there. */
export const getTable = (value: TableName): Request<true, TableName> => ({
  message: table,
  type: NFT_MSG_GETTABLE,
  value,
});

export const nftTables = protocol('NETLINK_NETFILTER', NETLINK_NETFILTER, [table]);
