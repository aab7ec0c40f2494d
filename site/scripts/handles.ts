/**
 * The kernel that answers for the pages of messages: a network namespace with the links `br0` (a
 * bridge with 192.0.2.1/24), `v0` and `v1` (a pair, up), and handles in it, opened at first use.
 */
import { openConntrack, type Conntrack } from '../../src/conntrack/index.ts';
import { openEthtool, type Ethtool } from '../../src/ethtool/index.ts';
import { createNamespace, deleteNamespace } from '../../src/netlink/namespace.ts';
import { openNftables, type Nftables } from '../../src/nftables/index.ts';
import { open, type Rtnl } from '../../src/rtnl/open.ts';
import { openTc, type Tc } from '../../src/tc/index.ts';
import { openWireguard, type Wireguard } from '../../src/wireguard/index.ts';
import { openXfrm, type Xfrm } from '../../src/xfrm/index.ts';

export interface Handles {
  readonly rt: Rtnl;
  readonly nft: Nftables;
  readonly tc: Tc;
  readonly xfrm: Xfrm;
  readonly conntrack: Conntrack;
  readonly eth: Ethtool;
  readonly wg: Wireguard;
}

const OPEN: { readonly [K in keyof Handles]: (options: { netns: string }) => Handles[K] } = {
  rt: open,
  nft: openNftables,
  tc: openTc,
  xfrm: openXfrm,
  conntrack: openConntrack,
  eth: openEthtool,
  wg: openWireguard,
};

export function inNamespace<T>(ask: (handles: Handles) => T): T {
  const netns = `pages${process.pid}`;
  const namespace = createNamespace(netns);
  const opened = new Map<keyof Handles, { close(): void }>();
  const handles = new Proxy({} as Handles, {
    get(_, name: keyof Handles) {
      const handle = opened.get(name) ?? OPEN[name]({ netns });
      opened.set(name, handle);
      return handle;
    },
  });
  try {
    const { rt } = handles;
    rt.links.add({ ifname: 'br0', kind: 'bridge', address: '02:00:00:00:00:01', flags: ['up'] });
    rt.links.add({ ifname: 'v0', kind: 'veth', data: { peer: { ifname: 'v1' } }, flags: ['up'] });
    rt.links.set('v1', { flags: ['up'] });
    rt.addrs.add({ dev: 'br0', local: '192.0.2.1/24' });
    return ask(handles);
  } finally {
    for (const handle of opened.values()) handle.close();
    namespace.close();
    deleteNamespace(netns);
  }
}

/** `({ rt }) => rt.links.delete('lo')` without what is before the call, in one line. */
export const callText = (call: Function): string =>
  String(call)
    .replace(/^\([^)]*\) =>\s*/, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/,? ([})\]])/g, ' $1')
    .replaceAll(/([([]) | (?=[)\]])/g, '$1');
