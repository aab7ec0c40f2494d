/**
 * Mistakes that people make, with the type that the compiler has to name: one that is declared
 * under this name and can be looked up. An empty name stands for values for which the compiler only
 * says what they should have been.
 */
export const MISTAKES: Readonly<Record<string, string>> = {
  // Keys.
  "rt.links.add({ ifname: 'x', foo: 1 })": 'NamedLinkSpecBy',
  "rt.links.add({ ifname: 'x', kind: 'bridge', foo: 1 })": 'NamedLinkSpecBy',
  "rt.links.set('x', { mastr: 'br0' })": 'NamedLinkSpecBy',
  "rt.links.add({ ifname: 'x', kind: 'bridge', data: { vlanFilterin: true } })": 'BridgeDataInput',
  "rt.links.add({ ifname: 'x', kind: 'vlan', data: { vlanFiltering: true } })": 'VlanDataInput',
  "rt.links.add({ ifname: 'x', kind: 'gretap', data: { lokal: 'y' } })": 'GretapDataInput',
  "rt.links.add({ ifname: 'x', kind: 'netkit', data: { mod: 'l3' } })": 'NetkitDataSpec',
  "rt.links.add({ ifname: 'x', kind: 'veth', data: { per: {} } })": 'VethDataSpec',
  "rt.links.add({ ifname: 'x', kind: 'veth', data: { peer: { ifnam: 'y' } } })": 'LinkPeerSpec',
  "rt.links.set('x', { slaveKind: 'bridge', slaveData: { learnin: true } })":
    'BridgeSlaveDataInput',
  "rt.links.set('x', { afSpec: { inet6: { addrGenMod: 'none' } } })": 'LinkAfSpecInet6Input',
  "rt.routes.add({ dst: 'default', gatway: '192.0.2.1' })": 'NamedRouteSpec',
  "rt.routes.add({ dst: 'default', metrics: { mut: 1400 } })": 'RouteMetricsInput',
  "rt.routes.add({ dst: 'default', nexthops: [{ gatway: '192.0.2.1' }] })": 'NamedRouteHopSpec',
  "rt.routes.add({ dst: 'default', encapType: 'mpls', encap: { dstt: [1] } })": 'EncapInput',
  "rt.addrs.add({ dev: 'lo', local: '192.0.2.1/24', labl: 'x' })": 'NamedAddrSpec',
  "rt.addrs.add({ dev: 'lo', local: '192.0.2.1/24', cacheinfo: { prefred: 5 } })":
    'AddrCacheinfoInput',
  "rt.neighs.add({ dev: 'lo', dstt: 'x' })": 'NamedNeighSpec',
  "rt.fdb.add({ dev: 'x', lladd: 'x' })": 'NamedFdbSpec',
  'rt.rules.add({ tabl: 5 })': 'RuleSpec',
  'rt.nexthops.add({ id: 5, group: [{ weigth: 5 }] })': 'GroupMember',
  "rt.vlans.set({ dev: 'x', vid: 5, stat: 'forwarding' })": 'NamedVlanOptions',
  "rt.mdb.add({ dev: 'br0', port: 'x', grp: 'y' })": 'NamedMdbSpec',
  'rt.monitor({ link: true })': 'MonitorSelection',
  'rt.batch((b) => void b.links.ensure({}))': 'BatchLinkVerbs',
  "open({ netn: 'x' })": 'OpenOptions',
  "addLink({ ifname: 'x', kind: 'bridge', data: { vlanFilterin: true } })": 'BridgeDataInput',
  "addRoute({ dst: 'default', nexthops: [{ gatway: 'x' }] })": 'RouteHopSpec',
  "n.addRule({ ...chain, expr: [{ name: 'counter', data: { byte: 5n } }] })": 'CounterExprInput',
  // What is read.
  "rt.links.get('lo').ifnam": 'LinkObject',
  "if (link.kind === 'bridge') link.data!.vlanFilterin": 'BridgeData',
  "rt.routes.get('x').gatewa": 'RouteObject',
  'rt.routes.list()[0]!.nexthops![0]!.gatewa': 'RouteHop',
  'rt.routes.list()[0]!.metrics!.mt': 'RouteMetrics',
  // Kinds and words.
  "rt.links.add({ ifname: 'x', kind: 'brige', data: { vlanFiltering: true } })": 'UnknownKindData',
  "rt.links.set('x', { slaveKind: 'brige', slaveData: { learning: true } })": 'UnknownKindData',
  "rt.links.add({ ifname: 'x', kind: 'bond', data: { mode: 'fast' } })": 'Word',
  "rt.routes.add({ dst: 'default', scope: 'lnk' })": 'Word',
  "rt.links.list({ only: ['ifnam'] })": 'LinkKey',
  "n.addTable({ family: 'inett', name: 'x' })": 'TableFamily',
  // What is missing.
  "rt.links.ensure({ kind: 'bridge' })": 'WithIfname',
  "rt.routes.add({ gateway: '192.0.2.1' })": 'NamedRouteSpec',
  "rt.addrs.add({ local: '192.0.2.1/24' })": 'NamedAddrSpec',
  "rt.neighs.add({ dst: '192.0.2.1' })": 'NamedNeighSpec',
  'rt.vlans.add({ vid: 5 })': 'NamedVlanSpec',
  "rt.mdb.add({ dev: 'br0', port: 'x' })": 'NamedMdbSpec',
  // Values.
  "rt.links.add({ ifname: 'x', kind: 'bridge', data: { vlanFiltering: 'yes' } })": '',
  "rt.links.add({ ifname: 'x', kind: 'vlan', data: { id: '5' } })": '',
  "rt.links.set('x', { slaveKind: 'bridge', slaveData: { learning: 'on' } })": '',
  "rt.routes.add({ dst: 'default', metrics: { mtu: '1400' } })": '',
  "rt.routes.add({ dst: 'default', nexthops: [{ weight: 'a' }] })": '',
  "rt.neighs.add({ dev: 'x', dst: '192.0.2.1', lladdr: 5 })": '',
};

/** Types that are made of others, and lists of variants. */
export const UNREADABLE =
  /\b(Omit|Pick|Partial|Extract|Exclude|In|Out|Static|Input|Values|ValuesIn)<|more \.\.\. \| /;

export const MISTAKEN = [
  "import { open } from 'netlink-ts';",
  "import { addLink, addRoute } from 'netlink-ts/rtnl';",
  "import * as n from 'netlink-ts/nftables';",
  'const rt = open();',
  "const link = rt.links.get('lo');",
  "const chain = { family: 'inet', table: 'x', chain: 'y' } as const;",
  'void [addLink, addRoute, n, link, chain];',
  ...Object.keys(MISTAKES),
].join('\n');
