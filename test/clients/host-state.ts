/**
 * What attachments leave on a host, told from before: nothing, but the bridge and the chains of
 * other plugins.
 */
import { existsSync, readdirSync } from 'node:fs';
import { isIP } from 'node:net';
import { outputOf, program } from '../harness/program.ts';
import { check, eventually } from './checks.ts';

/** Of each kind, what is there. */
type HostState = Readonly<Record<string, readonly string[]>>;

/**
 * What `portmap` and `firewall` keep, whoever made the interface: chains, the ways into them, and
 * marks.
 */
const KEPT = new RegExp(
  [
    /^-N CNI-(HOSTPORT-\w+|FORWARD|ADMIN)$/,
    /^-A (PREROUTING|INPUT|OUTPUT|POSTROUTING|FORWARD) .*-j CNI-(HOSTPORT-\w+|FORWARD)$/,
    /^-A CNI-HOSTPORT-(SETMARK|MASQ) /,
    /^-A CNI-FORWARD .*-j CNI-ADMIN$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);
/** The tables that the `iptables` programs make for themselves. */
const OF_IPTABLES = /^table ip6? (nat|filter|mangle|raw)$/;

export function hostState(leases: readonly string[]): HostState {
  return {
    link: links(),
    ...(hasIptables() ? { 'firewall rule': rules() } : {}),
    lease: leases.flatMap(files).filter((name) => isIP(name) !== 0),
    'entry in the cache of libcni': files('/var/lib/cni/results'),
    namespace: files('/run/netns'),
  };
}

/** One check for each kind. A moment is allowed for what an engine does in the background. */
export async function checkNothingLeft(
  before: HostState,
  leases: readonly string[],
): Promise<void> {
  for (const kind of Object.keys(before)) {
    const left = (): string[] =>
      hostState(leases)[kind]!.filter((each) => !before[kind]!.includes(each));
    check(`no ${kind} is left`, await eventually(() => left().length === 0), left().join('; '));
  }
}

function links(): string[] {
  const all = JSON.parse(outputOf('ip', '-d', '-j', 'link')) as {
    readonly ifname: string;
    readonly linkinfo?: { readonly info_kind?: string };
  }[];
  return all.filter(({ linkinfo }) => linkinfo?.info_kind !== 'bridge').map(({ ifname }) => ifname);
}

/** Where the kernel has them; user-mode Linux has none for every family. */
const hasIptables = (): boolean =>
  ['iptables', 'ip6tables'].every((command) => program(command, '-w', '-S').code === 0);

function rules(): string[] {
  const tables = program('nft', 'list', 'tables').stdout.split('\n');
  const own = tables.filter((line) => line !== '' && !OF_IPTABLES.test(line));
  return [
    ...own,
    ...['iptables', 'ip6tables'].flatMap((command) =>
      ['filter', 'nat'].flatMap((table) =>
        program(command, '-w', '-t', table, '-S')
          .stdout.split('\n')
          .filter((line) => line !== '' && !KEPT.test(line))
          .map((line) => `${command} -t ${table} ${line}`),
      ),
    ),
  ];
}

function files(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
