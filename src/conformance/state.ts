/**
 * What an attachment may change in a network namespace, as lines that can be compared: links,
 * addresses, routes, rules, the ruleset of nf_tables, and forwarding. It is read by this library,
 * so no other program is needed.
 */
import { readFileSync } from 'node:fs';
import { inNamespace, type Namespace } from '../netlink/namespace.ts';
import { openNftables } from '../nftables/open.ts';
import { open } from '../rtnl/open.ts';

/** What the kernel adds and removes by itself while links come up and go. */
const OWN = /"(fe80::|ff00::|fec0::)/;

export function stateOf(netns: Namespace): string[] {
  return [...links(netns), ...ruleset(netns), ...inNamespace(netns, forwarding)].sort();
}

function links(netns: Namespace): string[] {
  using rt = open({ netns });
  const all = rt.links.list();
  const nameOf = (index: number | undefined): string | undefined =>
    all.find((each) => each.index === index)?.ifname;
  return [
    ...all.map(({ ifname, kind, mtu, master, flags }) =>
      line('link', { ifname, kind, mtu, master: nameOf(master), up: flags.includes('up') }),
    ),
    ...rt.addrs
      .list()
      .map(({ local, address, index }) =>
        line('address', { local: local ?? address, dev: nameOf(index) }),
      ),
    ...rt.routes
      .list()
      .map(({ dst, type, gateway, oif, table, prefsrc }) =>
        line('route', { dst, type, gateway, dev: nameOf(oif), table, prefsrc }),
      ),
    ...rt.rules.list().map((rule) => line('rule', rule)),
  ].filter((text) => !OWN.test(text));
}

/** Nothing where the kernel has no nf_tables. */
function ruleset(netns: Namespace): string[] {
  try {
    using nft = openNftables({ netns });
    const sets = nft.sets.list();
    return [
      ...nft.tables.list().map(({ family, name }) => line('table', { family, name })),
      ...nft.chains.list().map(({ family, table, name }) => line('chain', { family, table, name })),
      ...nft.rules.list().map(({ handle: _, ...rule }) => line('nft rule', rule)),
      ...sets.flatMap(({ family, table, name }) =>
        nft.elements
          .list({ family, table, name })
          .map((element) => line('element', { family, table, set: name, key: element.key })),
      ),
    ];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPROTONOSUPPORT' || code === 'EOPNOTSUPP' || code === 'ENOENT') return [];
    throw error;
  }
}

/** Of the namespace that the thread is in. */
function forwarding(): string[] {
  return ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding'].flatMap((name) => {
    const value = setting(name);
    return value === undefined ? [] : [line('setting', { [name]: value })];
  });
}

/** A setting below /proc/sys of the namespace that the thread is in; undefined if it is missing. */
export function setting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

const line = (what: string, object: object): string => {
  const text = JSON.stringify(object, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  });
  return `${what} ${text}`;
};

/** Lines that are gone, and lines that are new. */
export const differences = (before: readonly string[], after: readonly string[]): string[] => [
  ...before.filter((each) => !after.includes(each)).map((each) => `no longer: ${each}`),
  ...after.filter((each) => !before.includes(each)).map((each) => `left behind: ${each}`),
];
