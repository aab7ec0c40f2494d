/**
 * Requests that the kernel refuses, with its words, for the pages of messages. They are made in a
 * network namespace of their own, which has the links `br0` (a bridge with 192.0.2.1/24), `v0` and
 * `v1` (a pair, up), and what the kernel of today answers is written to `refusals.json`. As root:
 *
 *     node site/scripts/refusals.ts
 */
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { resolve } from 'node:path';
import { NetlinkError } from '../../src/errors.ts';
import { createNamespace, deleteNamespace } from '../../src/netlink/namespace.ts';
import { openNftables, type Nftables } from '../../src/nftables/index.ts';
import { open, type Rtnl } from '../../src/rtnl/open.ts';

interface Handles {
  readonly rt: Rtnl;
  readonly nft: Nftables;
}

export interface Refusal {
  /** `RTM_NEWADDR` */
  readonly type: string;
  /** `rt.addrs.add({ dev: 'br0', local: '192.0.2.1/24' })` */
  readonly call: string;
  /** `EEXIST` */
  readonly code: string;
  /** The message of the error, with the kernel's text. */
  readonly message: string;
}

const FILE = resolve(import.meta.dirname, '../refusals.json');

const CALLS: readonly ((handles: Handles) => unknown)[] = [
  ({ rt }) => rt.links.add({ ifname: 'br0', kind: 'bridge' }),
  ({ rt }) => rt.links.add({ ifname: 'x0', kind: 'no-such-kind' }),
  ({ rt }) => rt.links.add({ ifname: 'a name', kind: 'bridge' }),
  ({ rt }) => rt.links.add({ ifname: 'x0', kind: 'vxlan', data: { id: 16777216 } }),
  ({ rt }) => rt.links.set('v0', { mtu: 20 }),
  ({ rt }) => rt.links.set('v0', { master: 'v1' }),
  ({ rt }) => rt.links.set('br0', { master: 'br0' }),
  ({ rt }) => rt.links.set('v0', { ifname: 'v1' }),
  ({ rt }) => rt.links.set('v0', { address: '01:00:5e:00:00:01' }),
  ({ rt }) => rt.links.set(4000, { flags: ['up'] }),
  ({ rt }) => rt.links.delete(4000),
  ({ rt }) => rt.links.delete('lo'),
  ({ rt }) => rt.addrs.add({ dev: 'br0', local: '192.0.2.1/24' }),
  ({ rt }) => rt.addrs.add({ index: 4000, local: '192.0.2.9/24' }),
  ({ rt }) => rt.addrs.add({ dev: 'br0', local: 'ff02::1:2/64' }),
  ({ rt }) => rt.addrs.delete({ dev: 'br0', local: '192.0.2.77/24' }),
  ({ rt }) => rt.routes.add({ dst: '198.51.100.0/24', gateway: '203.0.113.9' }),
  ({ rt }) =>
    rt.routes.add({
      dst: '192.0.2.0/24',
      dev: 'br0',
      protocol: 'kernel',
      scope: 'link',
      prefsrc: '192.0.2.1',
    }),
  ({ rt }) => rt.routes.add({ dst: '198.51.100.7/24', dev: 'br0' }),
  ({ rt }) => rt.routes.add({ dst: '198.51.100.0/24', dev: 'br0', prefsrc: '203.0.113.1' }),
  ({ rt }) => rt.routes.add({ dst: '198.51.100.0/24', oif: 4000 }),
  ({ rt }) => rt.routes.add({ dst: '198.51.100.0/24', nhId: 77 }),
  ({ rt }) => rt.routes.delete({ dst: '203.0.113.0/24' }),
  ({ rt }) => rt.routes.get('203.0.113.9'),
  ({ rt }) => rt.neighs.add({ dev: 'br0', dst: '192.0.2.9' }),
  ({ rt }) => rt.neighs.delete({ dev: 'v0', dst: '192.0.2.8' }),
  ({ rt }) => rt.rules.delete({ priority: 77, table: 77 }),
  ({ rt }) => rt.nexthops.delete(77),
  ({ nft }) => nft.tables.delete({ family: 'inet', name: 'none' }),
  ({ nft }) => nft.chains.delete({ family: 'inet', table: 'none', name: 'c' }),
  ({ nft }) => nft.sets.delete({ family: 'inet', table: 'none', name: 's' }),
];

function record(): Refusal[] {
  const name = `refusals${process.pid}`;
  const namespace = createNamespace(name);
  try {
    using rt = open({ netns: name });
    using nft = openNftables({ netns: name });
    rt.links.add({ ifname: 'br0', kind: 'bridge', address: '02:00:00:00:00:01', flags: ['up'] });
    rt.links.add({ ifname: 'v0', kind: 'veth', data: { peer: { ifname: 'v1' } }, flags: ['up'] });
    rt.links.set('v1', { flags: ['up'] });
    rt.addrs.add({ dev: 'br0', local: '192.0.2.1/24' });
    return CALLS.map((call) => refusalOf(call, { rt, nft }));
  } finally {
    namespace.close();
    deleteNamespace(name);
  }
}

function refusalOf(call: (handles: Handles) => unknown, handles: Handles): Refusal {
  const text = String(call).replace(/^\(\{ \w+ \}\) => /, '');
  try {
    call(handles);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw new Error(text, { cause: error });
    const { operation: type, code, message } = error;
    return { type, call: text, code, message };
  }
  throw new Error(`the kernel does not refuse ${text}`);
}

if (import.meta.main) {
  const refusals = record();
  const kernel = `Linux ${release().split('-')[0]}`;
  writeFileSync(FILE, `${JSON.stringify({ kernel, refusals }, null, 2)}\n`);
  console.log(`${refusals.length} refusals of ${kernel}`);
}
