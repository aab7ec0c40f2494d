/**
 * The part of rtnetlink's declarations that the plugins use when somebody waits for them: the
 * attributes of each message, or all of them where it says `true`. `npm run tables` prints
 * `tables.ts` from it.
 */

const names = {
  ifname: true,
  address: true,
  mtu: true,
  link: true,
  netNsFd: true,
} as const;

export const picks = {
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
    multipath: {},
    table: true,
    via: true,
  },
  neigh: { lladdr: true, master: true },
  nsid: { nsid: true, fd: true },
} as const;
