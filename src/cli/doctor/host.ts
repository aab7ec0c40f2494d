/** Settings of the host that decide what the plugins can do, and leases that nobody uses. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { checkLeases, IpamError, listLeases, networks } from '../../ipam/index.ts';
import { type Finding, note, ok, problem } from './finding.ts';

export const hostFindings = (dataDir: string): Finding[] => [
  ...forwarding(),
  ...reversePaths(),
  ...bridgedPackets(),
  overcommit(),
  iptables(),
  ...leases(dataDir),
];

/** Undefined where the kernel does not have the setting. */
function sysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function forwarding(): Finding[] {
  const settings = { IPv4: 'net/ipv4/ip_forward', IPv6: 'net/ipv6/conf/all/forwarding' };
  return Object.entries(settings).map(([family, name]) => {
    const subject = `${family} forwarding`;
    const value = sysctl(name);
    if (value === undefined)
      return note(subject, 'the kernel has no such setting', `${family} is switched off.`);
    return value === '0'
      ? note(
          subject,
          'off',
          'An ADD of bridge with isGateway switches it on; containers without it reach only the host.',
        )
      : ok(subject, 'on');
  });
}

/** Documentation/networking/ip-sysctl.rst, rp_filter: the higher of `all` and the interface's. */
function reversePaths(): Finding[] {
  const value = sysctl('net/ipv4/conf/all/rp_filter');
  if (value !== '1')
    return [ok('rp_filter', value === undefined ? 'not there' : `${value}, not strict`)];
  const advice =
    'If a container has several interfaces or routes come by another one, set net.ipv4.conf.all.rp_filter to 2.';
  return [
    note(
      'rp_filter',
      '1, strict: answers must leave by the interface that the packet came by',
      advice,
    ),
  ];
}

function bridgedPackets(): Finding[] {
  const value = sysctl('net/bridge/bridge-nf-call-iptables');
  if (value === undefined) return [ok('bridge-nf-call-iptables', 'br_netfilter is not loaded')];
  if (value === '0') return [ok('bridge-nf-call-iptables', 'off')];
  const advice =
    'Packets between containers on one bridge go through the host’s FORWARD rules: allow them there. kube-proxy needs it on.';
  return [note('bridge-nf-call-iptables', 'on', advice)];
}

function overcommit(): Finding {
  const value = sysctl('vm/overcommit_memory');
  return ok('overcommit', value === '2' ? 'strict; each call commits about 2 MB' : 'not strict');
}

function iptables(): Finding {
  const { error, stdout } = spawnSync('iptables', ['--version'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (error !== undefined)
    return ok(
      'iptables',
      'not installed; needed only where the kernel has no nf_tables, or rules of others make exceptions',
    );
  return ok('iptables', stdout.trim());
}

function leases(dataDir: string): Finding[] {
  if (!existsSync(dataDir)) return [ok('leases', `none, ${dataDir} does not exist`)];
  try {
    const names = networks(dataDir);
    const count = names.flatMap((name) => listLeases(dataDir, name)).length;
    const wrong = names.flatMap((name) => checkLeases(dataDir, name));
    const summary = `${count} in ${counted(names.length, 'network', 'networks')}`;
    if (wrong.length === 0) return [ok('leases', summary)];
    const advice =
      'netlink-ts ipam check lists them, netlink-ts ipam reclaim --dry-run shows what can be freed.';
    return [
      note(
        'leases',
        `${summary}, with ${counted(wrong.length, 'inconsistency', 'inconsistencies')}`,
        advice,
      ),
    ];
  } catch (error) {
    if (!(error instanceof IpamError)) throw error;
    return [problem('leases', error.message, error.details ?? 'See netlink-ts ipam check.')];
  }
}

const counted = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;
