/**
 * The part of the declarations that the plugins use when somebody waits for them: the attributes of
 * each message, or all of them where it says `true`. Where a word selects the attributes, they are
 * under that word. `npm run tables` prints a file `tables-….ts` from each list.
 */

/** An attribute that is recognised, without the attributes inside it. */
const none = {} as const;

const names = {
  ifname: true,
  address: true,
  mtu: true,
  link: true,
  netNsFd: true,
} as const;

export const rtnl = {
  link: {
    ...names,
    master: true,
    group: true,
    operstate: true,
    linkinfo: {
      kind: true,
      data: {
        bridge: { vlanFiltering: true, vlanDefaultPvid: true },
        ipvlan: true,
        veth: { peer: names },
      },
      slaveKind: true,
      slaveData: {
        bridge: { mode: true, learning: true, flush: true, isolated: true, locked: true },
      },
    },
    ifalias: true,
    extMask: true,
    linkNetnsid: true,
    targetNetnsid: true,
    altIfname: true,
  },
  bridgeLink: { afSpec: { flags: true, vlanInfo: true } },
  addr: true,
  route: {
    dst: true,
    oif: true,
    gateway: true,
    priority: true,
    multipath: none,
    table: true,
    via: true,
  },
  neigh: { lladdr: true, master: true },
  nsid: { nsid: true, fd: true },
} as const;

const bytes = { value: true } as const;

export const nft = {
  batch: { genid: true },
  generation: { id: true },
  table: { name: true, flags: true, use: true, userdata: true },
  chain: {
    table: true,
    name: true,
    hook: { hooknum: true, priority: true },
    policy: true,
    use: true,
    type: true,
  },
  rule: {
    table: true,
    chain: true,
    handle: true,
    expressions: {
      name: true,
      data: {
        meta: { dreg: true, key: true },
        payload: { dreg: true, base: true, offset: true, len: true },
        cmp: { sreg: true, op: true, data: bytes },
        bitwise: { sreg: true, dreg: true, len: true, op: true, mask: bytes, xor: bytes },
        lookup: { set: true, sreg: true, dreg: true },
        immediate: { dreg: true, data: { verdict: { code: true, chain: true } } },
        masq: none,
      },
    },
  },
  set: {
    table: true,
    name: true,
    flags: true,
    keyType: true,
    keyLen: true,
    desc: none,
    id: true,
    count: true,
  },
  element: { table: true, set: true, elements: { key: bytes, userdata: true } },
} as const;

export const ct = {
  connection: { tupleOrig: true, tupleReply: true, id: true, zone: true, filter: true },
} as const;
