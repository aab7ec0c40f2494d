/** `netlink-ts ipam`: the leases of host-local, their owners, inconsistencies, and their repair. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  checkLeases,
  IpamError,
  listLeases,
  networks,
  reclaimLeases,
  releaseLeases,
  type RepairReport,
} from '../ipam/index.ts';
import { DEFAULT_DATA_DIR } from '../ipam/policy/config.ts';
import { jsonText } from '../printable.ts';
import { UsageError, type Command, type Output } from './command.ts';
import { didYouMean } from './hint.ts';
import { table } from './table.ts';

const HELP = `netlink-ts ipam list    [--data-dir DIR] [--network NAME] [--json]
netlink-ts ipam check   [--data-dir DIR] [--network NAME] [--json]
netlink-ts ipam release [--data-dir DIR] [--network NAME] [--json] [--dry-run] ADDRESS…
netlink-ts ipam release [--data-dir DIR] [--network NAME] [--json] [--dry-run] --container ID --ifname NAME
netlink-ts ipam reclaim [--data-dir DIR] [--network NAME] [--json] [--dry-run]

  list     lists leases with owner and time; takes no lock
  check    reports inconsistencies; takes no lock, changes nothing, fails if there are any
  release  frees addresses, or all addresses of one interface of a container
  reclaim  frees what no live owner holds: leases of an earlier boot, of an interrupted ADD, and empty files

  --data-dir DIR   ipam.dataDir of the network; default /var/lib/cni/networks
  --network NAME   only this network; release needs it if there are several
  --json           JSON
  --dry-run        only report what release and reclaim would do
`;

const OPTIONS = {
  'data-dir': { type: 'string', default: DEFAULT_DATA_DIR },
  network: { type: 'string' },
  json: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  container: { type: 'string' },
  ifname: { type: 'string' },
} as const;

/** The parsed arguments of one call. */
interface Request {
  readonly dataDir: string;
  readonly networks: readonly string[];
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly addresses: readonly string[];
  readonly owner: { readonly containerId: string; readonly ifname: string } | undefined;
}

const ACTIONS: Readonly<Record<string, (request: Request, output: Output) => number>> = {
  list,
  check,
  release,
  reclaim,
};

export const ipam: Command = {
  summary: 'list, check and repair the leases of host-local',
  help: HELP,
  run(args, output) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    });
    const [name, ...addresses] = positionals;
    if (name === undefined || !Object.hasOwn(ACTIONS, name)) {
      const actions = Object.keys(ACTIONS);
      const meant = name === undefined ? '' : didYouMean(name, actions);
      throw new UsageError(`name an action: ${actions.join(', ')}${meant}`);
    }
    const { container, ifname, network, json, 'dry-run': dryRun, 'data-dir': dataDir } = values;
    const isRelease = name === 'release';
    if (!isRelease && (addresses.length > 0 || container !== undefined || ifname !== undefined)) {
      throw new UsageError(`${name} takes neither addresses nor --container and --ifname`);
    }
    if (dryRun && !isRelease && name !== 'reclaim') {
      throw new UsageError(`${name} changes nothing, so there is no --dry-run`);
    }
    if ((container === undefined) !== (ifname === undefined)) {
      throw new UsageError('--container and --ifname go together');
    }
    if (isRelease && addresses.length > 0 === (container !== undefined)) {
      throw new UsageError('release takes addresses, or --container and --ifname');
    }
    const owner =
      container === undefined || ifname === undefined
        ? undefined
        : { containerId: container, ifname };
    const found = chosen(dataDir, network);
    if (isRelease && found.length > 1) {
      throw new UsageError(`--network must be one of ${found.join(', ')}`);
    }
    return ACTIONS[name]!({ dataDir, networks: found, json, dryRun, addresses, owner }, output);
  },
};

function chosen(dataDir: string, name: string | undefined): readonly string[] {
  // A host on which nothing was ever attached. A directory given by the user should exist.
  const known = dataDir === DEFAULT_DATA_DIR && !existsSync(dataDir) ? [] : networks(dataDir);
  if (name === undefined) return known;
  if (known.includes(name)) return [name];
  throw new IpamError('missing', `there is no network ${JSON.stringify(name)} in ${dataDir}`);
}

function list({ dataDir, networks: names, json }: Request, output: Output): number {
  const leases = names.flatMap((name) => listLeases(dataDir, name));
  if (json) writeJson(leases, output);
  else if (leases.length === 0) output.note(`no leases in ${dataDir}\n`);
  else {
    const header = ['NETWORK', 'ADDRESS', 'CONTAINER', 'IFNAME', 'SINCE', 'BOOT', 'ADD'];
    const rows = leases.map(
      ({ network, address, containerId, ifname = '', since, boot, unfinished }) => [
        ...[network, address, containerId, ifname, since, boot],
        unfinished === undefined ? '' : unfinished === 'alive' ? 'under way' : 'cut off',
      ],
    );
    output.write(table(header, rows, output.colours));
  }
  return 0;
}

function check({ dataDir, networks: names, json }: Request, output: Output): number {
  const findings = names.flatMap((name) => checkLeases(dataDir, name));
  if (json) writeJson(findings, output);
  else {
    const rows = findings.map(({ network, file, problem, repairable }) => [
      ...[network, file, problem],
      repairable ? 'reclaim' : '',
    ]);
    output.write(table(['NETWORK', 'FILE', 'PROBLEM', 'REPAIR'], rows, output.colours));
  }
  return findings.length === 0 ? 0 : 1;
}

function release(request: Request, output: Output): number {
  const { dataDir, networks: names, addresses, owner, dryRun } = request;
  const [network] = names;
  if (network === undefined) throw new IpamError('missing', `there is no network in ${dataDir}`);
  const wanted = owner === undefined ? addresses.map((address) => ({ address })) : [owner];
  const options = { dryRun, report: (line: string) => output.note(`${line}\n`) };
  let code = 0;
  const reports = wanted.map((what) => {
    const report = releaseLeases(dataDir, network, what, options);
    if (report.freed.length === 0) {
      code = 1;
      const text = 'address' in what ? what.address : `${what.containerId} ${what.ifname}`;
      output.note(
        `${network}: there is no lease ${'address' in what ? 'of' : 'held by'} ${text}\n`,
      );
    }
    return report;
  });
  write(reports, request, output);
  return code;
}

function reclaim(request: Request, output: Output): number {
  const { dataDir, networks: names, dryRun } = request;
  const options = { dryRun, report: (line: string) => output.note(`${line}\n`) };
  const reports = names.map((name) => reclaimLeases(dataDir, name, options));
  write(reports, request, output);
  return 0;
}

function write(reports: readonly RepairReport[], { json }: Request, output: Output): void {
  if (json) return writeJson(reports, output);
  for (const { network, dryRun, freed, healed } of reports) {
    for (const { address, containerId, ifname } of freed) {
      const owner = ifname === undefined ? containerId : `${containerId} ${ifname}`;
      output.write(`${network}: ${dryRun ? 'would free' : 'freed'} ${address} of ${owner}\n`);
    }
    for (const file of healed) {
      output.write(`${network}: ${dryRun ? 'would remove' : 'removed'} ${file}, an empty file\n`);
    }
  }
}

function writeJson(objects: readonly object[], output: Output): void {
  const lines = objects.map((object) => jsonText(object)).join(',\n');
  output.write(lines === '' ? '[]\n' : `[\n${lines}\n]\n`);
}
