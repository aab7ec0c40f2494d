/** Attributes that no fixture holds, by kernel name, each with the reason. `fixtures.test.ts` refuses a line that is not needed. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  NFTA_TABLE_OWNER: 'nft closes its socket, and a table that is owned goes with the socket',
  NFTA_CHAIN_COUNTERS: 'neither nft 1.0 nor iptables 1.8 asks the kernel to count for a policy',
  NFTA_BITWISE_SREG2: 'since Linux 6.13, and nft 1.0.6 does not send it',
  NFTA_LAST_SET: 'nft 1.0.6 does not know the statement "last"',
  NFTA_LAST_MSECS: 'nft 1.0.6 does not know the statement "last"',
  NFTA_FLOWTABLE_USE: 'the kernels at hand are built without flowtables',
  NFTA_FLOWTABLE_HANDLE: 'the kernels at hand are built without flowtables',
};

/** Messages that no fixture holds, by the name of their declaration. */
export const MESSAGE_EXCEPTIONS: Readonly<Record<string, string>> = {};
