/**
 * An example of each verb that has none in its comment, for the pages of the library. They are
 * compiled with the site, so that they fit the types of the verbs.
 */
import type { Devlink } from '../../src/devlink/index.ts';
import type { Diag } from '../../src/diag/index.ts';
import type { Genl } from '../../src/genl/index.ts';
import type { Nflog } from '../../src/nflog/index.ts';
import type { Nfqueue } from '../../src/nfqueue/index.ts';
import { accept, rule, tcp } from '../../src/nftables/index.ts';
import type { Handles } from './handles.ts';

interface All extends Handles {
  readonly genl: Genl;
  readonly diag: Diag;
  readonly dl: Devlink;
  readonly nflog: Nflog;
  readonly nfqueue: Nfqueue;
}

const KEY = 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=';

const CALLS: readonly ((handles: All) => unknown)[] = [
  ({ rt }) => rt.links.dump({ kind: 'veth' }),
  ({ rt }) => rt.links.get('eth0'),
  ({ rt }) => rt.links.find('eth0')?.operstate,
  ({ rt }) => rt.links.ensure({ ifname: 'br0', kind: 'bridge' }),
  ({ rt }) => rt.addrs.list({ dev: 'eth0', family: 'inet' }),
  ({ rt }) => rt.addrs.dump({ dev: 'eth0' }),
  ({ rt }) => rt.addrs.ensure({ dev: 'br0', local: '192.0.2.1/24' }),
  ({ rt }) => rt.routes.list({ family: 'inet', table: 'main' }),
  ({ rt }) => rt.routes.dump({ family: 'inet6' }),
  ({ rt }) => rt.routes.get('198.51.100.7'),
  ({ rt }) => rt.routes.ensure({ dst: '198.51.100.0/24', gateway: '192.0.2.254' }),
  ({ rt }) => rt.neighs.list({ dev: 'eth0' }),
  ({ rt }) => rt.neighs.dump({ family: 'inet6' }),
  ({ rt }) => rt.neighs.get({ dev: 'eth0', dst: '192.0.2.9' }),
  ({ rt }) => rt.neighs.ensure({ dev: 'eth0', dst: '192.0.2.9', lladdr: '02:00:00:00:00:09' }),
  ({ rt }) => rt.fdb.list({ dev: 'v0' }),
  ({ rt }) => rt.fdb.dump({ dev: 'v0' }),
  ({ rt }) => rt.fdb.replace({ dev: 'v0', lladdr: '02:00:00:00:00:09', flags: ['master'] }),
  ({ rt }) => rt.fdb.append({ dev: 'vx0', lladdr: '00:00:00:00:00:00', dst: '192.0.2.9' }),
  ({ rt }) => rt.fdb.ensure({ dev: 'v0', lladdr: '02:00:00:00:00:09', flags: ['master'] }),
  ({ rt }) => rt.rules.list({ family: 'inet' }),
  ({ rt }) => rt.rules.dump({ family: 'inet6' }),
  ({ rt }) => rt.rules.ensure({ src: '192.0.2.0/24', table: 100, priority: 100 }),
  ({ rt }) => rt.nexthops.list(),
  ({ rt }) => rt.nexthops.dump(),
  ({ rt }) => rt.nexthops.get(7),
  ({ rt }) => rt.nexthops.replace({ id: 7, gateway: '192.0.2.253', dev: 'br0' }),
  ({ rt }) => rt.nexthops.ensure({ id: 7, gateway: '192.0.2.254', dev: 'br0' }),
  ({ rt }) => rt.nsids.list(),
  ({ rt }) => rt.nsids.get('blue'),
  ({ rt }) => rt.nsids.set('blue', 7),
  ({ rt }) => rt.vlans.list({ dev: 'v0' }),
  ({ rt }) => rt.vlans.listGlobal({ dev: 'br0' }),
  ({ rt }) => rt.mdb.list({ dev: 'br0' }),
  ({ rt }) => rt.netconfs.list({ family: 'inet' }),
  ({ rt }) => rt.netconfs.dump(),
  ({ rt }) => rt.addrLabels.list(),
  ({ rt }) => rt.addrLabels.dump(),
  ({ nft }) => nft.generation(),
  ({ nft }) => nft.tables.list({ family: 'inet' }),
  ({ nft }) => nft.tables.get({ family: 'inet', name: 't' }),
  ({ nft }) => nft.tables.find({ family: 'inet', name: 't' }),
  ({ nft }) => nft.tables.destroy({ family: 'inet', name: 't' }),
  ({ nft }) => nft.chains.list({ family: 'inet' }),
  ({ nft }) => nft.chains.get({ family: 'inet', table: 't', name: 'in' }),
  ({ nft }) => nft.chains.find({ family: 'inet', table: 't', name: 'in' }),
  ({ nft }) => nft.chains.delete({ family: 'inet', table: 't', name: 'in' }),
  ({ nft }) => nft.chains.destroy({ family: 'inet', table: 't', name: 'in' }),
  ({ nft }) => nft.sets.list({ family: 'inet', table: 't' }),
  ({ nft }) => nft.sets.get({ family: 'inet', table: 't', name: 's' }),
  ({ nft }) => nft.sets.find({ family: 'inet', table: 't', name: 's' }),
  ({ nft }) => nft.sets.destroy({ family: 'inet', table: 't', name: 's' }),
  ({ nft }) => nft.sets.flush({ family: 'inet', table: 't', name: 's' }),
  ({ nft }) => nft.flowtables.list({ family: 'inet', table: 't' }),
  ({ nft }) => nft.flowtables.get({ family: 'inet', table: 't', name: 'f' }),
  ({ nft }) => nft.flowtables.find({ family: 'inet', table: 't', name: 'f' }),
  ({ nft }) => nft.flowtables.delete({ family: 'inet', table: 't', name: 'f' }),
  ({ nft }) => nft.flowtables.destroy({ family: 'inet', table: 't', name: 'f' }),
  ({ nft }) => nft.rules.list({ family: 'inet', table: 't', chain: 'in' }),
  ({ nft }) => nft.rules.delete({ family: 'inet', table: 't', chain: 'in', handle: 7n }),
  ({ nft }) => nft.rules.destroy({ family: 'inet', table: 't', chain: 'in', handle: 7n }),
  ({ nft }) => nft.rules.reset({ family: 'inet', table: 't' }),
  ({ nft }) =>
    nft.rules.add({
      family: 'inet',
      table: 't',
      chain: 'in',
      expr: rule('inet', tcp.dport.is(22), accept()),
    }),
  ({ nft }) => nft.elements.list({ family: 'inet', table: 't', name: 's' }),
  ({ nft }) => nft.elements.get({ family: 'inet', table: 't', name: 's', key: '192.0.2.8' }),
  ({ nft }) => nft.elements.find({ family: 'inet', table: 't', name: 's', key: '192.0.2.8' }),
  ({ nft }) =>
    nft.elements.destroy({ family: 'inet', table: 't', name: 's', elem: [{ key: '192.0.2.8' }] }),
  ({ nft }) => nft.elements.reset({ family: 'inet', table: 't', name: 's' }),
  ({ nft }) => nft.objects.list({ family: 'inet', table: 't' }),
  ({ nft }) => nft.objects.get({ family: 'inet', table: 't', name: 'web', type: 'counter' }),
  ({ nft }) => nft.objects.find({ family: 'inet', table: 't', name: 'web', type: 'counter' }),
  ({ nft }) => nft.objects.delete({ family: 'inet', table: 't', name: 'web', type: 'counter' }),
  ({ nft }) => nft.objects.destroy({ family: 'inet', table: 't', name: 'web', type: 'counter' }),
  ({ genl }) => genl.families.list().map(({ name }) => name),
  ({ genl }) => genl.families.get('nl80211'),
  ({ genl }) => genl.families.find('wireguard')?.id,
  ({ genl }) => genl.policy('ethtool'),
  ({ diag }) => diag.sockets.dump({ kind: 'tcp' }),
  ({ diag }) => diag.sockets.flush({ kind: 'tcp', states: ['time-wait'] }),
  ({ conntrack }) => conntrack.connections.dump({ family: 'inet' }),
  ({ conntrack }) =>
    conntrack.connections.get({
      orig: { src: '192.0.2.1', dst: '203.0.113.9', protonum: 'udp', sport: 5000, dport: 53 },
    }),
  ({ conntrack }) =>
    conntrack.connections.find({
      orig: { src: '192.0.2.1', dst: '203.0.113.9', protonum: 'udp', sport: 5000, dport: 53 },
    }),
  ({ conntrack }) =>
    conntrack.connections.set({
      orig: { src: '192.0.2.1', dst: '203.0.113.9', protonum: 'udp', sport: 5000, dport: 53 },
      mark: 7,
    }),
  ({ conntrack }) =>
    conntrack.connections.delete({
      orig: { src: '192.0.2.1', dst: '203.0.113.9', protonum: 'udp', sport: 5000, dport: 53 },
    }),
  ({ conntrack }) => conntrack.connections.flush({ mark: 7 }),
  ({ conntrack }) => conntrack.expectations.list('inet'),
  ({ conntrack }) =>
    conntrack.expectations.delete({
      src: '192.0.2.1',
      dst: '203.0.113.9',
      protonum: 'tcp',
      dport: 5001,
    }),
  ({ conntrack }) => conntrack.expectations.flush(),
  ({ conntrack }) => conntrack.stats(),
  ({ wg }) => wg.devices.get('wg0').peers,
  ({ wg }) => wg.devices.find('wg0'),
  ({ wg }) => wg.devices.removePeer('wg0', KEY),
  ({ eth }) => eth.strings.get('link_modes'),
  ({ eth }) => eth.counters.get('eth0'),
  ({ eth }) => eth.linkInfo.get('eth0').port,
  ({ eth }) => eth.linkInfo.find('eth0'),
  ({ eth }) => eth.linkInfo.list(),
  ({ eth }) => eth.linkInfo.set('eth0', { port: 'tp' }),
  ({ eth }) => eth.linkModes.get('eth0').speed,
  ({ eth }) => eth.linkModes.find('eth0'),
  ({ eth }) => eth.linkModes.list(),
  ({ eth }) => eth.linkModes.set('eth0', { ours: { '10baseT/Half': false } }),
  ({ eth }) => eth.linkState.get('eth0').link,
  ({ eth }) => eth.linkState.find('eth0'),
  ({ eth }) => eth.linkState.list(),
  ({ eth }) => eth.debug.get('eth0').msgmask,
  ({ eth }) => eth.debug.find('eth0'),
  ({ eth }) => eth.debug.list(),
  ({ eth }) => eth.debug.set('eth0', { msgmask: { drv: true } }),
  ({ eth }) => eth.wol.get('eth0').modes,
  ({ eth }) => eth.wol.find('eth0'),
  ({ eth }) => eth.wol.list(),
  ({ eth }) => eth.wol.set('eth0', { modes: { magic: true } }),
  ({ eth }) => eth.features.get('eth0').active,
  ({ eth }) => eth.features.find('eth0'),
  ({ eth }) => eth.features.list(),
  ({ eth }) => eth.features.set('eth0', { wanted: { 'tx-tcp-segmentation': true } }),
  ({ eth }) => eth.privateFlags.get('eth0').flags,
  ({ eth }) => eth.privateFlags.find('eth0'),
  ({ eth }) => eth.privateFlags.list(),
  ({ eth }) => eth.privateFlags.set('eth0', { flags: { 's0ix-enabled': true } }),
  ({ eth }) => eth.rings.get('eth0').rxMax,
  ({ eth }) => eth.rings.find('eth0'),
  ({ eth }) => eth.rings.list(),
  ({ eth }) => eth.rings.set('eth0', { rx: 512 }),
  ({ eth }) => eth.channels.get('eth0').combinedMax,
  ({ eth }) => eth.channels.find('eth0'),
  ({ eth }) => eth.channels.list(),
  ({ eth }) => eth.channels.set('eth0', { combinedCount: 4 }),
  ({ eth }) => eth.coalesce.get('eth0').rxUsecs,
  ({ eth }) => eth.coalesce.find('eth0'),
  ({ eth }) => eth.coalesce.list(),
  ({ eth }) => eth.coalesce.set('eth0', { rxUsecs: 30 }),
  ({ eth }) => eth.pause.get('eth0').autoneg,
  ({ eth }) => eth.pause.find('eth0'),
  ({ eth }) => eth.pause.list(),
  ({ eth }) => eth.pause.set('eth0', { autoneg: false, rx: true, tx: false }),
  ({ eth }) => eth.eee.get('eth0').enabled,
  ({ eth }) => eth.eee.find('eth0'),
  ({ eth }) => eth.eee.list(),
  ({ eth }) => eth.eee.set('eth0', { enabled: true }),
  ({ eth }) => eth.fec.get('eth0').active,
  ({ eth }) => eth.fec.find('eth0'),
  ({ eth }) => eth.fec.list(),
  ({ eth }) => eth.fec.set('eth0', { auto: true }),
  ({ eth }) => eth.timestamping.get('eth0').phcIndex,
  ({ eth }) => eth.timestamping.find('eth0'),
  ({ eth }) => eth.timestamping.list(),
  ({ tc }) => tc.qdiscs.list({ dev: 'eth0' }),
  ({ tc }) => tc.qdiscs.get({ dev: 'eth0', handle: '1:' }),
  ({ tc }) => tc.qdiscs.find({ dev: 'eth0', handle: '1:' }),
  ({ tc }) => tc.qdiscs.replace({ dev: 'eth0', handle: '1:', kind: 'fq_codel' }),
  ({ tc }) =>
    tc.qdiscs.change({ dev: 'eth0', handle: '1:', kind: 'fq_codel', options: { limit: 500 } }),
  ({ tc }) => tc.qdiscs.delete({ dev: 'eth0', handle: '1:' }),
  ({ tc }) => tc.classes.list({ dev: 'eth0' }),
  ({ tc }) => tc.classes.get({ dev: 'eth0', handle: '1:10' }),
  ({ tc }) => tc.classes.find({ dev: 'eth0', handle: '1:10' }),
  ({ tc }) =>
    tc.classes.replace({
      dev: 'eth0',
      parent: '1:',
      handle: '1:10',
      kind: 'drr',
      options: { quantum: 3000 },
    }),
  ({ tc }) =>
    tc.classes.change({
      dev: 'eth0',
      parent: '1:',
      handle: '1:10',
      kind: 'drr',
      options: { quantum: 3000 },
    }),
  ({ tc }) => tc.classes.delete({ dev: 'eth0', handle: '1:10' }),
  ({ tc }) => tc.filters.list({ dev: 'eth0', parent: 'ingress' }),
  ({ tc }) =>
    tc.filters.get({
      dev: 'eth0',
      parent: 'ingress',
      protocol: 'ip',
      pref: 1,
      kind: 'matchall',
      handle: 1,
    }),
  ({ tc }) =>
    tc.filters.find({
      dev: 'eth0',
      parent: 'ingress',
      protocol: 'ip',
      pref: 1,
      kind: 'matchall',
      handle: 1,
    }),
  ({ tc }) =>
    tc.filters.replace({
      dev: 'eth0',
      parent: 'ingress',
      protocol: 'ip',
      pref: 1,
      kind: 'matchall',
    }),
  ({ tc }) =>
    tc.filters.change({
      dev: 'eth0',
      parent: 'ingress',
      protocol: 'ip',
      pref: 1,
      kind: 'matchall',
      handle: 1,
    }),
  ({ tc }) =>
    tc.filters.delete({
      dev: 'eth0',
      parent: 'ingress',
      protocol: 'ip',
      pref: 1,
      kind: 'matchall',
    }),
  ({ tc }) => tc.chains.list({ dev: 'eth0', parent: 'ingress' }),
  ({ tc }) => tc.chains.get({ dev: 'eth0', parent: 'ingress', chain: 5 }),
  ({ tc }) => tc.chains.find({ dev: 'eth0', parent: 'ingress', chain: 5 }),
  ({ tc }) => tc.chains.add({ dev: 'eth0', parent: 'ingress', chain: 5 }),
  ({ tc }) => tc.chains.delete({ dev: 'eth0', parent: 'ingress', chain: 5 }),
  ({ tc }) => tc.actions.list({ kind: 'gact' }),
  ({ tc }) => tc.actions.get({ kind: 'gact', index: 7 }),
  ({ tc }) => tc.actions.find({ kind: 'gact', index: 7 }),
  ({ tc }) => tc.actions.add({ kind: 'gact', index: 7, options: { parms: { action: 'drop' } } }),
  ({ tc }) =>
    tc.actions.replace({ kind: 'gact', index: 7, options: { parms: { action: 'pass' } } }),
  ({ tc }) => tc.actions.delete({ kind: 'gact', index: 7 }),
  ({ tc }) => tc.actions.flush('gact'),
  ({ xfrm }) => xfrm.states.list({ proto: 'esp' }),
  ({ xfrm }) => xfrm.states.get({ dst: '192.0.2.2', proto: 'esp', spi: 0x1000 }),
  ({ xfrm }) => xfrm.states.find({ dst: '192.0.2.2', proto: 'esp', spi: 0x1000 }),
  ({ xfrm }) => xfrm.states.delete({ dst: '192.0.2.2', proto: 'esp', spi: 0x1000 }),
  ({ xfrm }) => xfrm.states.flush('esp'),
  ({ xfrm }) =>
    xfrm.states.allocSpi({
      src: '192.0.2.1',
      dst: '192.0.2.2',
      proto: 'esp',
      min: 0x1000,
      max: 0x1fff,
    }),
  ({ xfrm }) => xfrm.policies.list({ dir: 'out' }),
  ({ xfrm }) =>
    xfrm.policies.get({ dir: 'out', sel: { src: '192.0.2.0/24', dst: '198.51.100.0/24' } }),
  ({ xfrm }) => xfrm.policies.find({ dir: 'out', index: 8 }),
  ({ xfrm }) =>
    xfrm.policies.replace({ dir: 'out', sel: { dst: '198.51.100.0/24' }, action: 'block' }),
  ({ xfrm }) => xfrm.policies.delete({ dir: 'out', sel: { dst: '198.51.100.0/24' } }),
  ({ xfrm }) => xfrm.policies.flush(),
  ({ xfrm }) => xfrm.policies.getDefault(),
  ({ xfrm }) => xfrm.policies.setDefault({ fwd: 'block' }),
  ({ xfrm }) => xfrm.info(),
  ({ rt }) => rt.vlans.set({ dev: 'v0', vid: 10, state: 'blocking' }),
  ({ rt }) => rt.mdb.replace({ dev: 'br0', port: 'v0', group: '239.1.1.1' }),
  ({ rt }) => rt.mdb.ensure({ dev: 'br0', port: 'v0', group: '239.1.1.1' }),
  ({ rt }) => rt.addrLabels.replace({ address: '2001:db8::/32', label: 7 }),
  ({ rt }) => rt.addrLabels.ensure({ address: '2001:db8::/32', label: 7 }),
  ({ rt }) => rt.addrLabels.delete({ address: '2001:db8::/32' }),
  ({ rt }) => rt.vniFilters.delete({ dev: 'vx0', vni: 7 }),
  ({ conntrack }) =>
    conntrack.expectations.add({
      master: { src: '192.0.2.1', dst: '203.0.113.9', protonum: 'tcp', sport: 5000, dport: 21 },
      tuple: { src: '203.0.113.9', dst: '192.0.2.1', protonum: 'tcp', dport: 5001 },
      mask: { src: '255.255.255.255', dst: '255.255.255.255', protonum: 'tcp', dport: 0xffff },
      timeout: 60,
    }),
  ({ wg }) => wg.devices.addPeer('wg0', { publicKey: KEY, allowedIps: ['198.51.100.0/24'] }),
  ({ tc }) =>
    tc.classes.add({
      dev: 'eth0',
      parent: '1:',
      handle: '1:10',
      kind: 'drr',
      options: { quantum: 1500 },
    }),
  ({ tc }) =>
    tc.filters.add({ dev: 'eth0', parent: 'ingress', protocol: 'ip', pref: 1, kind: 'matchall' }),
  async ({ genl }) => {
    for await (const event of genl.monitor()) console.log(event);
  },
  async ({ diag }) => {
    for await (const event of diag.monitor()) console.log(event);
  },
  async ({ conntrack }) => {
    for await (const event of conntrack.monitor()) console.log(event);
  },
  async ({ eth }) => {
    for await (const event of eth.monitor()) console.log(event);
  },
  async ({ tc }) => {
    for await (const event of tc.monitor()) console.log(event);
  },
  async ({ xfrm }) => {
    for await (const event of xfrm.monitor()) console.log(event);
  },
  async ({ nflog }) => {
    for await (const packet of nflog.packets(5)) console.log(packet);
  },
  async ({ nfqueue }) => {
    const packets = nfqueue.packets(5);
    for await (const event of packets)
      if (event.type === 'packet') packets.verdict(event.packet.id, 'accept');
  },
  async ({ dl }) => {
    for await (const event of dl.monitor()) console.log(event);
  },
  ({ dl }) => dl.devs.list(),
  ({ dl }) => dl.devs.get('pci/0000:03:00.0'),
  ({ dl }) => dl.devs.listInfo(),
  ({ dl }) => dl.devs.info('pci/0000:03:00.0'),
  ({ dl }) => dl.devs.reload('pci/0000:03:00.0'),
  ({ dl }) => dl.devs.getEswitch('pci/0000:03:00.0'),
  ({ dl }) => dl.devs.setEswitch('pci/0000:03:00.0', { mode: 'switchdev' }),
  ({ dl }) => dl.devs.flash('pci/0000:03:00.0', { file: 'nic.bin' }),
  ({ dl }) => dl.devs.listSelftests('pci/0000:03:00.0'),
  ({ dl }) => dl.devs.runSelftests('pci/0000:03:00.0', ['flash']),
  ({ dl }) => dl.ports.list({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.ports.get('pci/0000:03:00.0/1'),
  ({ dl }) => dl.ports.set('pci/0000:03:00.0/1', { type: 'eth' }),
  ({ dl }) => dl.ports.split('pci/0000:03:00.0/1', 4),
  ({ dl }) => dl.ports.unsplit('pci/0000:03:00.0/1'),
  ({ dl }) => dl.ports.add('pci/0000:03:00.0', { flavour: 'pcisf', pfnum: 0 }),
  ({ dl }) => dl.ports.delete('pci/0000:03:00.0/32768'),
  ({ dl }) => dl.params.list({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.params.get('pci/0000:03:00.0', 'enable_roce'),
  ({ dl }) => dl.params.set('pci/0000:03:00.0', 'enable_roce', true, 'driverinit'),
  ({ dl }) => dl.health.list({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.health.get('pci/0000:03:00.0', 'fw'),
  ({ dl }) => dl.health.set('pci/0000:03:00.0', 'fw', { autoRecover: true }),
  ({ dl }) => dl.health.recover('pci/0000:03:00.0', 'fw'),
  ({ dl }) => dl.health.diagnose('pci/0000:03:00.0', 'fw'),
  ({ dl }) => dl.health.dump('pci/0000:03:00.0', 'fw'),
  ({ dl }) => dl.health.clearDump('pci/0000:03:00.0', 'fw'),
  ({ dl }) => dl.health.test('pci/0000:03:00.0', 'fw'),
  ({ dl }) => dl.regions.list({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.regions.get('pci/0000:03:00.0/cr-space'),
  ({ dl }) => dl.regions.add('pci/0000:03:00.0/cr-space', 1),
  ({ dl }) => dl.regions.delete('pci/0000:03:00.0/cr-space', 1),
  ({ dl }) => dl.regions.read('pci/0000:03:00.0/cr-space'),
  ({ dl }) => dl.traps.list({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.traps.get('pci/0000:03:00.0', 'ttl_value_is_too_small'),
  ({ dl }) => dl.traps.set('pci/0000:03:00.0', 'blackhole_route', { action: 'trap' }),
  ({ dl }) => dl.trapGroups.list({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.trapGroups.get('pci/0000:03:00.0', 'l3_drops'),
  ({ dl }) => dl.trapGroups.set('pci/0000:03:00.0', 'l3_drops', { action: 'trap' }),
  ({ dl }) => dl.trapPolicers.list({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.trapPolicers.get('pci/0000:03:00.0', 1),
  ({ dl }) => dl.trapPolicers.set('pci/0000:03:00.0', 1, { rate: 1000 }),
  ({ dl }) => dl.rates.list({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.rates.get('pci/0000:03:00.0/group1'),
  ({ dl }) => dl.rates.set('pci/0000:03:00.0/group1', { txMax: 125_000_000 }),
  ({ dl }) => dl.rates.add('pci/0000:03:00.0/group1'),
  ({ dl }) => dl.rates.delete('pci/0000:03:00.0/group1'),
  ({ dl }) => dl.linecards.list({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.linecards.get('pci/0000:03:00.0', 8),
  ({ dl }) => dl.linecards.set('pci/0000:03:00.0', 8, { type: '16x100G' }),
  ({ dl }) => dl.sbs.list({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.sbs.listPools({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.sbs.setPool('pci/0000:03:00.0', { pool: 0, size: 1_000_000 }),
  ({ dl }) => dl.sbs.listPortPools({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) => dl.sbs.setPortPool('pci/0000:03:00.0/1', { pool: 0, threshold: 8 }),
  ({ dl }) => dl.sbs.listTcPoolBinds({ dev: 'pci/0000:03:00.0' }),
  ({ dl }) =>
    dl.sbs.setTcPoolBind('pci/0000:03:00.0/1', { tc: 0, type: 'ingress', pool: 0, threshold: 8 }),
  ({ dl }) => dl.sbs.snapshot('pci/0000:03:00.0'),
  ({ dl }) => dl.sbs.clearMax('pci/0000:03:00.0'),
  ({ dl }) => dl.resources.list('pci/0000:03:00.0'),
  ({ dl }) => dl.resources.set('pci/0000:03:00.0', '/kvd/linear', 98304),
];

/** The call of a verb of a handle. */
const VERB = /\b(?:rt|nft|genl|diag|conntrack|dl|wg|eth|tc|xfrm|nflog|nfqueue)(?:\.\w+)+(?=\()/;

/** What a function does, as it is written here: its expression or its statements. */
function bodyOf(call: (typeof CALLS)[number]): string {
  const text = String(call).replace(/^(?:async )?\([^)]*\) =>\s*/, '');
  const body = text.startsWith('{') ? text.slice(1, -1).trim() : text;
  const indent = Math.min(...[...body.matchAll(/\n( *)\S/g)].map(([, each]) => each!.length));
  return body.replaceAll(`\n${' '.repeat(Number.isFinite(indent) ? indent : 0)}`, '\n');
}

/** The example of a verb: `rt.links.get`. */
export const EXAMPLES: ReadonlyMap<string, string> = new Map(
  CALLS.map(bodyOf).map((text) => [VERB.exec(text)![0], text]),
);
