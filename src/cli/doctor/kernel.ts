/** What the kernel can do, tried in a network namespace that is made for it and removed again. */
import { release } from 'node:os';
import { NetlinkError } from '../../errors.ts';
import { createNamespace, deleteNamespace } from '../../netlink/namespace.ts';
import { openNftables } from '../../nftables/open.ts';
import { addChain, addRule, addTable, masquerade, rule } from '../../nftables/index.ts';
import { open, type Rtnl } from '../../rtnl/open.ts';
import { type Finding, note, ok, problem } from './finding.ts';

interface Trial {
  readonly subject: string;
  /** What it is for. */
  readonly use: string;
  readonly advice: string;
  readonly optional?: boolean;
  run(rt: Rtnl, netns: string): void;
}

const load = (module: string): string =>
  `Load the module ${module} (modprobe ${module}), or use a kernel that has it.`;

/** In order: later ones use the links of earlier ones. */
const TRIALS: readonly Trial[] = [
  {
    subject: 'bridge',
    use: 'networks of the plugin bridge',
    advice: load('bridge'),
    run: (rt) => void rt.links.add({ ifname: 'br0', kind: 'bridge', flags: ['up'] }),
  },
  {
    subject: 'veth',
    use: 'containers on a bridge',
    advice: load('veth'),
    run: (rt) => void rt.links.add({ ifname: 'v0', kind: 'veth' }),
  },
  {
    subject: 'VLANs on a bridge',
    use: 'the keys vlan and vlanTrunk of bridge',
    advice: 'Use a kernel with CONFIG_BRIDGE_VLAN_FILTERING.',
    optional: true,
    run: (rt) =>
      void rt.links.add({ ifname: 'br1', kind: 'bridge', data: { vlanFiltering: true } }),
  },
  {
    subject: 'ipvlan',
    use: 'networks of the plugin ipvlan',
    advice: load('ipvlan'),
    optional: true,
    run: (rt) =>
      void rt.links.add({ ifname: 'i0', kind: 'ipvlan', link: 'v0', data: { mode: 'l2' } }),
  },
  {
    subject: 'nf_tables',
    use: 'ipMasq without the iptables programs',
    advice: 'Load nf_tables and nft_masq, or install iptables: the plugins then use that.',
    optional: true,
    run(_, netns) {
      using nft = openNftables({ netns });
      const table = { family: 'inet', table: 'doctor' } as const;
      const name = 'postrouting';
      nft.apply(
        addTable({ family: 'inet', name: 'doctor' }),
        addChain({ ...table, name, type: 'nat', hook: 'postrouting', prio: 'srcnat' }),
        addRule({ ...table, chain: name, expr: rule('inet', masquerade()) }),
      );
    },
  },
];

export function kernelFindings(): Finding[] {
  const kernel = ok('kernel', release());
  const name = `netlink-ts-doctor-${process.pid}`;
  try {
    createNamespace(name).close();
  } catch (error) {
    const advice = 'Run it as root; in a container, with CAP_SYS_ADMIN and CAP_NET_ADMIN.';
    return [kernel, problem('network namespaces', (error as Error).message, advice)];
  }
  try {
    using rt = open({ netns: name });
    return [kernel, ...TRIALS.map((trial) => tried(trial, rt, name))];
  } finally {
    deleteNamespace(name);
  }
}

function tried({ subject, use, advice, optional, run }: Trial, rt: Rtnl, netns: string): Finding {
  try {
    run(rt, netns);
    return ok(subject, `the kernel has it, for ${use}`);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    const text = `the kernel does not have it, for ${use} (${error.code})`;
    return (optional === true ? note : problem)(subject, text, advice);
  }
}
