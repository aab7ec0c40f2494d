/** Why a case cannot be tried here: what the kernel or the folder of plugins lacks. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isAtLeast } from '../cni/version.ts';
import { createNamespace, deleteNamespace } from '../netlink/namespace.ts';
import { addTable } from '../nftables/index.ts';
import { openNftables } from '../nftables/open.ts';
import { open } from '../rtnl/open.ts';
import type { Case, Need } from './case.ts';
import { UPLINK } from './profiles.ts';
import type { Subject } from './stage.ts';

/** The reason, or undefined if nothing is missing. */
export function missing({ since, of, needs = [] }: Case, subject: Subject): string | undefined {
  const { profile, versions, folder } = subject;
  if (since !== undefined && !versions.some((each) => isAtLeast(each, since)))
    return `the plugin knows the specification up to ${versions.at(-1) ?? 'no version'}`;
  if (of !== 'any' && profile.link !== undefined && !hasLink(profile.link))
    return `the kernel has no links of kind ${profile.link}`;
  const lacking = needs.find((need) => !has(need, folder));
  return lacking === undefined ? undefined : REASONS[lacking];
}

const REASONS: Readonly<Record<Need, string>> = {
  'host-local': 'the plugin host-local is not in the folder',
  nf_tables: 'the kernel has no nf_tables',
  ipv6: 'the kernel has no IPv6',
  sh: 'there is no /bin/sh for an IPAM plugin of its own',
};

function has(need: Need, folder: string): boolean {
  if (need === 'host-local') return existsSync(join(folder, 'host-local'));
  if (need === 'sh') return existsSync('/bin/sh');
  if (need === 'ipv6') return existsSync('/proc/sys/net/ipv6');
  return tried(need, (netns) => {
    using nft = openNftables({ netns });
    nft.apply(addTable({ family: 'ip', name: 'conformance' }));
  });
}

const hasLink = (kind: string): boolean =>
  tried(kind, (netns) => {
    using rt = open({ netns });
    rt.links.add({ ifname: UPLINK, kind: 'veth' });
    const below = kind === 'ipvlan' || kind === 'macvlan' ? { link: UPLINK } : {};
    rt.links.add({ ifname: 'tried0', kind, ...below } as { ifname: string; kind: 'dummy' });
  });

const known = new Map<string, boolean>();

/** Tried once, in a namespace that is removed again: modules may be loaded on demand. */
function tried(what: string, attempt: (netns: string) => void): boolean {
  const before = known.get(what);
  if (before !== undefined) return before;
  const name = `netlink-ts-conformance-${process.pid}-${known.size + 1_000_000}`;
  createNamespace(name).close();
  let works = true;
  try {
    attempt(name);
  } catch {
    works = false;
  } finally {
    deleteNamespace(name);
  }
  known.set(what, works);
  return works;
}
