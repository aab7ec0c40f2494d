/** The calls of docs/commands.md do what the commands beside them do. */
import { toJson } from '../../../src/netlink/codec/json.ts';
import { openNftables } from '../../../src/nftables/open.ts';
import type { LinkObject } from '../../../src/rtnl/link/verbs.ts';
import { open } from '../../../src/rtnl/open.ts';
import { SCENES } from '../../../scripts/commands.ts';
import { hasFeature } from '../../harness/features.ts';
import { freshNamespace, type Teardown } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

/** What commands set of a link; the rest is measured, counted, or follows from the state. */
const LINK = [
  ...['ifname', 'kind', 'flags', 'mtu', 'txqlen', 'address', 'ifalias', 'group', 'master', 'link'],
  ...['propList', 'altNames', 'altnames', 'slaveKind', 'id', 'protocol', 'local', 'port'],
  ...['stpState', 'forwardDelay', 'mcastSnooping', 'vlanFiltering', 'isolated', 'cost', 'mode'],
];
const UNSET = ['cacheinfo', 'handle', 'index', 'nlmFlags', 'expires', 'probes', 'stats'];
/** What the kernel derives from addresses that it draws, and does in the background. */
const OWN_ADDRESS = /^(fe80:|ff0|33:33:|01:00:5e:|(?!02:00:00)[0-9a-f]{2}(:[0-9a-f]{2}){5}$)/;
const BACKGROUND = ['lower_up', 'running', 'linkdown', 'dead', 'tentative', 'no_carrier'];

function settled(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((each) => !BACKGROUND.includes(each as string))
      .map(settled)
      .filter((each) => each !== undefined);
  }
  if (typeof value === 'string') return OWN_ADDRESS.test(value) ? 'own' : value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !UNSET.includes(key));
  return Object.fromEntries(entries.map(([key, inner]) => [key, settled(inner)]));
}

/** What is there because of an own address, such as the route to fe80::/64, comes and goes. */
const isOwn = (each: object): boolean =>
  ['local', 'address', 'dst', 'lladdr', 'group'].some((key) =>
    OWN_ADDRESS.test(String((each as Record<string, unknown>)[key])),
  );

/** The kernel adds the route to an own IPv6 address when it gets round to it. */
const isLater = ({ family, table }: { readonly family: unknown; readonly table?: unknown }) =>
  family === 'inet6' && table === 'local';

const only = (value: object | undefined): object =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => LINK.includes(key)));
const configured = ({ data, slaveData, ...link }: LinkObject): object => ({
  ...only(link),
  data: only(data),
  slaveData: only(slaveData),
});

/** Without what was learned from packets. */
function lasting<T extends { readonly state?: unknown }>({ state, ...rest }: T): object[] {
  const words = JSON.stringify(state);
  return /permanent|noarp/.test(words) && !isOwn(rest) ? [{ ...rest, lasting: words }] : [];
}

interface Side {
  readonly rt: ReturnType<typeof open>;
  readonly nft: ReturnType<typeof openNftables>;
}

const HAS_NFT = hasFeature('nftables-inet');

function sideIn(t: Teardown, netns: string): Side {
  const side = { rt: open({ netns }), nft: openNftables({ netns }) };
  t.teardown(() => {
    side.rt.close();
    side.nft.close();
  });
  return side;
}

/** Everything that the commands are about, as text in an order of its own. */
function dumped({ rt, nft }: Side): string[] {
  const lists: Record<string, readonly object[]> = {
    link: rt.links.list().map(configured),
    addr: rt.addrs.list().filter((each) => !isOwn(each)),
    route: rt.routes.list().filter((each) => !isOwn(each) && !isLater(each)),
    rule: rt.rules.list(),
    neigh: rt.neighs.list().flatMap(lasting),
    proxy: rt.neighs.list({ proxy: true }),
    nexthop: rt.nexthops.list(),
    fdb: rt.fdb.list().flatMap(lasting),
    mdb: rt.mdb.list().flatMap(lasting),
    vlan: hasFeature('vlan-filtering') ? rt.vlans.list() : [],
    table: HAS_NFT ? nft.tables.list() : [],
    chain: HAS_NFT ? nft.chains.list() : [],
    nftRule: HAS_NFT ? nft.rules.list() : [],
    set: HAS_NFT ? nft.sets.list() : [],
    element: HAS_NFT ? nft.sets.list().flatMap((each) => nft.elements.list(each)) : [],
  };
  return Object.entries(lists)
    .flatMap(([name, list]) =>
      list.map((each) => `${name} ${JSON.stringify(settled(toJson(each)))}`),
    )
    .sort();
}

for (const { title, needs: features, before, pairs } of SCENES) {
  needs(...features, 'ipv6')(`commands: ${title}`, (t) => {
    const [theirs, ours] = [freshNamespace(t), freshNamespace(t)];
    for (const ns of [theirs, ours]) for (const each of before) ns.exec('sh', '-c', each);
    const [their, our] = [sideIn(t, theirs.path), sideIn(t, ours.path)];
    t.deepEqual(dumped(our), dumped(their), 'before');
    for (const { command, call } of pairs) {
      const was = dumped(our);
      theirs.exec('sh', '-c', command);
      call(our);
      const now = dumped(our);
      t.deepEqual(now, dumped(their), command);
      t.notDeepEqual(now, was, `${command} is without effect`);
    }
  });
}
