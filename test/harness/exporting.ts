/**
 * Programs that export what they got from the library, each from one subpath alone: with
 * `declaration: true` the compiler has to find a name for every type in it.
 */
export const EXPORTING = {
  index: `
import { createNamespace, open, openNftables } from 'netlink-ts';
export const rt = open();
export const links = rt.links.list();
export const names = rt.links.list({ only: ['ifname', 'kind'] });
export const bridge = links.find((link) => link.kind === 'bridge');
export const data = links.map((link) => (link.kind === 'bridge' ? link.data : undefined));
export const found = rt.waitFor(() => rt.links.find('a'), { on: { links: true }, timeout: 1 });
export const [addrs, routes, neighs] = [rt.addrs.list(), rt.routes.dump(), rt.neighs.list()];
export const [fdb, rules, mdb] = [rt.fdb.list(), rt.rules.list(), rt.mdb.list()];
export const [nexthops, nsids, vlans] = [rt.nexthops.list(), rt.nsids.list(), rt.vlans.list()];
export const made = rt.links.ensure({ ifname: 'a', kind: 'dummy' });
export const answers = rt.batch((b) => void b.links.up('a'));
export const events = rt.monitor({ links: true, addrs: true });
export async function* eventsOfLinks() {
  for await (const event of rt.monitor({ links: true })) yield event;
}
export const nft = openNftables();
export const ruleset = { tables: nft.tables.list(), chains: nft.chains.list(), rules: nft.rules.list() };
export const sets = { sets: nft.sets.list(), objects: nft.objects.list() };
export const elements = nft.elements.list({ family: 'inet', table: 'a', name: 'b' });
export const netns = createNamespace('blue');
`,
  rtnl: `
import * as r from 'netlink-ts/rtnl';
export const rt = r.open();
export const link = r.addLink({ ifname: 'a', kind: 'bridge' });
export const changes = [r.setLink('a', {}), r.deleteLink('a')];
export const questions = [r.getLink('a'), r.listLinks(), r.listAddrs(), r.listRoutes(), r.listNeighs()];
export const [one, all] = [rt.get(r.getLink('a')), rt.list(r.listLinks())];
export const answer = rt.request(link);
export const found = rt.waitFor(() => rt.links.find('a'), { on: { links: true }, timeout: 1 });
export const { linkKinds, rtnetlink } = r;
`,
  nftables: `
import * as n from 'netlink-ts/nftables';
export const nft = n.openNftables();
export const ruleset = { tables: nft.tables.list(), chains: nft.chains.list(), rules: nft.rules.list() };
export const elements = nft.elements.list({ family: 'inet', table: 'a', name: 'b' });
export const table = n.addTable({ family: 'inet', name: 'a' });
export const rule = n.rule('inet', n.tcp.dport.is(22), n.accept());
export const { ip, tcp, meta } = n;
`,
  genl: `
import * as g from 'netlink-ts/genl';
import * as e from 'netlink-ts/netlink';
export const genl = g.openGenl();
export const families = [genl.families.get('nlctrl'), ...genl.families.list()];
export const policy = genl.policy('nlctrl');
export const set = e.attrs({ color: e.attr('THING_COLOR', 1, e.u32) });
export const thing = g.genlMessage('thing', { THING_GET: 1 }, set, { doc: 'A thing.' });
export const family = g.genlFamily('thing', { version: 1, messages: [thing] });
export const connection = genl.open(family);
export const things = connection.list(connection.command('THING_GET', { color: 1 }));
export const color = things[0]?.attrs.color;
export const events = connection.monitor(['things']);
`,
  diag: `
import * as d from 'netlink-ts/diag';
export const diag = d.openDiag();
export const tcp = diag.sockets.list({ kind: 'tcp' });
export const all = [...diag.sockets.dump()];
export const rtt = tcp[0]?.info?.rtt;
export const requests = d.listSockets('unix');
export const one = d.getSocket({ kind: 'tcp' });
export const events = diag.monitor();
export const { sockDiag, tcpInfo, inetSocket } = d;
`,
  conntrack: `
import * as k from 'netlink-ts/conntrack';
export const conntrack = k.openConntrack();
export const connections = conntrack.connections.list({ orig: { protonum: 'udp' } });
export const expected = conntrack.expectations.list();
export const stats = conntrack.stats();
export const requests = [k.listConnections(), k.deleteConnection({ orig: { src: '192.0.2.1' } })];
export const events = conntrack.monitor();
export const { ctnetlink, connection, expectation } = k;
`,
  wireguard: `
import * as w from 'netlink-ts/wireguard';
export const wg = w.openWireguard();
export const device = wg.devices.get('wg0');
export const peers = device.peers;
export const request = wg.command('WG_CMD_GET_DEVICE', { ifname: 'wg0' });
export const { wgdevice, wireguard } = w;
`,
  ethtool: `
import * as t from 'netlink-ts/ethtool';
export const eth = t.openEthtool();
export const rings = eth.rings.list();
export const features = eth.features.get('eth0').active;
export const changed = eth.features.set('eth0', { wanted: { 'tx-checksumming': false } });
export const names = eth.strings.get('features');
export const counters = eth.counters.get('eth0');
export const events = eth.monitor();
export const { ethtool, bitset } = t;
`,
  devlink: `
import * as v from 'netlink-ts/devlink';
export const dl = v.openDevlink();
export const ports = dl.ports.list({ dev: 'pci/0000:01:00.0' });
export const lanes = ports[0]?.lanes;
export const values = dl.params.get('pci/0000:01:00.0', 'max_macs').values;
export const [devs, health, regions, traps] = [dl.devs.list(), dl.health.list(), dl.regions.list(), dl.traps.list()];
export const [rates, pools, tree] = [dl.rates.list(), dl.sbs.listPools(), dl.resources.list('pci/0000:01:00.0')];
export const diagnosis = dl.health.diagnose('pci/0000:01:00.0', 'tx');
export const events = dl.monitor();
export const { devlink, devlinkPort } = v;
`,
  tc: `
import * as q from 'netlink-ts/tc';
export const tc = q.openTc();
export const qdiscs = tc.qdiscs.list({ dev: 'lo' });
export const classes = tc.classes.list({ dev: 'lo' });
export const options = [q.tbfOptions({ rate: 8, burst: 1, limit: 1 }), q.htbOptions({ rate: 8 })];
export const limits = q.policeOptions({ rate: 8, burst: 1 });
export const requests = [q.listQdiscs(), q.listClasses({ ifindex: 1 })];
export const events = tc.monitor();
export const { trafficControl, qdisc, tclass } = q;
`,
  xfrm: `
import * as x from 'netlink-ts/xfrm';
export const xfrm = x.openXfrm();
export const states = xfrm.states.list({ proto: 'esp' });
export const policies = xfrm.policies.list({ dir: 'out' });
export const info = xfrm.info();
export const requests = [x.listStates(), x.listPolicies(), x.flushStates('esp'), x.getPolicyDefault()];
export const events = xfrm.monitor();
export const { ipsec, state, stateId, stateList, policy, acquire, expire, aevent, mapping } = x;
`,
  nflog: `
import * as l from 'netlink-ts/nflog';
export const log = l.openNflog();
export const packets = log.packets(5, { copyRange: 64, flags: ['seq'] });
export const { packetLog, logPacket, logConfig } = l;
`,
  uevent: `
import * as v from 'netlink-ts/uevent';
export const events = v.monitorUevents({ netns: 'blue' });
export const event = v.decodeUevent(new Uint8Array());
`,
  ynl: `
import * as y from 'netlink-ts/ynl';
export const family = y.ynlFamily('name: x', { keys: 'spec' });
export const opened = y.ynl(family);
export const source = y.ynlSource({ name: 'x' });
export const events = opened.notify('mgmt');
export const values = opened.list('dev-get', { ifindex: 1 });
`,
  nfqueue: `
import * as u from 'netlink-ts/nfqueue';
export const queue = u.openNfqueue();
export const packets = queue.packets(5, { copyRange: 64, flags: ['failOpen'] });
export const { packetQueue, queuePacket, queueVerdict, queueConfig } = u;
`,
  others: `
import * as e from 'netlink-ts/netlink';
import { hostLocal } from 'netlink-ts/ipam';
import { commonProperties, integer, object, type Plugin } from 'netlink-ts/cni';
export const color = e.enumOf(e.u8, { red: 1 });
export const set = e.attrs({ color: e.attr('THING_COLOR', 1, color) });
export const thing = e.message('thing', { THING_NEW: 1 }, e.struct('thing', { id: e.u32 }), set, { doc: 'A thing.' });
export const family = e.protocol('NETLINK_THING', 31, [thing]);
export const reader = e.pick(thing, ['color']);
export const connection = e.connect(family, e.socketIn(undefined, family.number));
export const things = connection.list({ message: thing, type: 1, value: {} }, { reader });
export const lease = hostLocal({ name: 'a', ipam: {} }).add({ containerId: 'a', ifname: 'b' });
export const schema = object({ ...commonProperties, mtu: integer() });
export const plugin = { name: 'mine', add: ({ print }) => print({}) } satisfies Plugin;
`,
};
