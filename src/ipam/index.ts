/**
 * IP address management for attachments: `host-local` (leases in files) and `static` (addresses in
 * the configuration), in-process.
 *
 * Everything is synchronous and takes its inputs as arguments: no environment, no stdin, no stdout.
 * Failures are `IpamError`: `message` is what users of the reference know and belongs into the CNI
 * error's `msg`, `details` into its `details`; match on `code`.
 *
 * @example A plugin's ADD. `network` is the decoded configuration with the pairs of CNI_ARGS.
 *
 *     const { ipam: policy, args, runtimeConfig } = conf;
 *     const ipam = hostLocal(
 *       { name, cniVersion, ipam: policy, args, runtimeConfig, cniArgs },
 *       { report: (line) => fs.writeSync(2, `${line}\n`) },
 *     );
 *     const lease = ipam.add({ containerId, ifname }, { pending: true });
 *     transaction.undo(lease.release); // frees exactly what this ADD took
 *     …links, addresses, routes from lease.result…
 *     lease.commit(); // last step: after a kill before it, a repeated ADD gets the lease again
 *
 * - `lease.result` is `{ ips: [{ address: '10.1.2.2/24', gateway: '10.1.2.1' }], routes?, dns? }`,
 *   the shape of spec 1.x, without `cniVersion` and without empty keys. `ips` has one entry for
 *   each range set, in order. `gateway` is absent only for a subnet of one address (/32, /128)
 *   without a configured gateway.
 * - `ipam.del(owner)` frees everything that the owner holds; an unknown owner, network or directory
 *   is success. It reads `name` and `ipam.dataDir` only, so a configuration with wrong ranges does
 *   not stop it.
 * - `ipam.check(owner)` throws `missing` when the owner holds nothing.
 * - `ipam.status()` throws `exhausted` (counts in `details`) or `store` when an ADD would fail;
 *   both are code 50 of the spec. `ipam.usage()` always returns the counts.
 * - `ipam.gc(conf['cni.dev/valid-attachments'], startedAt)` frees what is not listed, except what
 *   is younger than `startedAt`. It returns a report, which `describeGc` turns into a sentence. A
 *   missing list is an error of code `config`.
 * - Without `{ pending: true }` a lease is complete at once and `commit` does nothing.
 * - Our own keys in `ipam`, beside the reference's: `exclude` (in a range, or beside `subnet`),
 *   `cooldown` (seconds), `sticky` (true, or a key such as `{K8S_POD_NAMESPACE}/{K8S_POD_NAME}`
 *   over CNI_ARGS), `reclaimOnBoot`, `durability` (`sync`, the default, or `async`), `lockTimeout`
 *   (seconds, 60). Give the same `ipam` object to DEL: `cooldown` begins there.
 * - Keys match in any letter case; the caller need not normalise them inside `ipam`, `args` and
 *   `runtimeConfig`.
 */
import { checked, checkedFunction } from '../netlink/codec/arguments.ts';
import * as garbage from './garbage.ts';
import { hostLocal as openHostLocal, type HostLocal } from './host-local.ts';
import * as inspect from './inspect.ts';
import type { IpamOptions } from './owner-leases.ts';
import type { NetworkConfig } from './policy/config.ts';
import { IpamError } from './policy/errors.ts';
import * as fixed from './static.ts';
import * as status from './status.ts';
import * as young from './young.ts';

const refusal = (message: string, options?: ErrorOptions): IpamError =>
  new IpamError('config', message, options);
const checkedHere = /* @__NO_SIDE_EFFECTS__ */ <F extends (...args: any[]) => unknown>(
  operation: string,
  signature: string,
  act: F,
): F => checkedFunction(operation, signature, act, refusal);

/**
 * host-local for one network: addresses from ranges, with the leases in files on this host. Nothing
 * is read before a method is called; docs/host-local.md.
 *
 * @throws IpamError `config` for arguments of the wrong type
 * @example
 * const ipam = hostLocal({ name: 'mynet', ipam: { ranges: [[{ subnet: '10.1.2.0/24' }]] } });
 * const { result } = ipam.add({ containerId, ifname });
 */
export const hostLocal: (network: NetworkConfig, options?: IpamOptions) => HostLocal = checkedHere(
  'hostLocal',
  'network: object, options?: object',
  (network: NetworkConfig, options?: IpamOptions) =>
    checked(
      'hostLocal',
      openHostLocal(network, options),
      {
        add: 'owner: object, options?: object',
        del: 'owner: object',
        check: 'owner: object',
        status: '',
        usage: '',
        gc: 'valid: unknown, startedAt?: number',
      },
      refusal,
    ),
);
/**
 * static for one network: the addresses of the configuration.
 *
 * @throws IpamError `config` for arguments of the wrong type
 * @example
 * staticIpam({ name: 'mynet', ipam: { addresses: [{ address: '10.1.2.3/24' }] } }).add().ips;
 */
export const staticIpam: (network: NetworkConfig) => fixed.StaticIpam = checkedHere(
  'staticIpam',
  'network: object',
  (network: NetworkConfig) =>
    checked(
      'staticIpam',
      fixed.staticIpam(network),
      { add: '', check: 'prevResult: unknown, ifname: unknown' },
      refusal,
    ),
);

/**
 * The names of the networks that have a folder in the data directory.
 *
 * @throws IpamError `store` when it cannot be read
 */
export const networks = checkedHere('networks', 'dataDir: string', inspect.networks);
/**
 * All leases of a network, ordered by address; takes no lock.
 *
 * @throws IpamError `config` for an invalid name, `store` when the folder cannot be read
 */
export const listLeases = checkedHere(
  'listLeases',
  'dataDir: string, network: string',
  inspect.listLeases,
);
/**
 * What is inconsistent in a network's folder; changes nothing.
 *
 * @throws IpamError `config` for an invalid name, `store` when the folder cannot be read
 */
export const checkLeases = checkedHere(
  'checkLeases',
  'dataDir: string, network: string',
  inspect.checkLeases,
);
/**
 * Frees one address, or everything that an owner holds.
 *
 * @throws IpamError `config` for an invalid name, `store` when a file cannot be changed, `lock`
 *   when the lease lock was not free in time
 * @example releaseLeases('/var/lib/cni/networks', 'mynet', { address: '10.1.2.3' });
 */
export const releaseLeases = checkedHere(
  'releaseLeases',
  'dataDir: string, network: string, what: object, options?: object',
  inspect.releaseLeases,
);
/**
 * Frees leases of earlier boots and of interrupted ADDs, and removes empty files.
 *
 * @throws IpamError `config` for an invalid name, `store` when a file cannot be changed, `lock`
 *   when the lease lock was not free in time
 */
export const reclaimLeases = checkedHere(
  'reclaimLeases',
  'dataDir: string, network: string, options?: object',
  inspect.reclaimLeases,
);
/**
 * The owners of leases that were completed since `startedAt` (milliseconds since 1970), or whose
 * ADD is under way; takes no lock.
 *
 * @throws IpamError `config` for an invalid name, `store` when the folder cannot be read
 */
export const youngOwners = checkedHere(
  'youngOwners',
  'network: object, startedAt: number',
  young.youngOwners,
);
/**
 * A report of GC as a sentence; undefined where only listed leases were found.
 *
 * @throws IpamError `config` for anything but a report
 */
export const describeGc = checkedHere('describeGc', 'report: object', garbage.describeGc);
/**
 * How full range sets are, as text: `10.1.2.1-10.1.2.254: 17 used, 236 free`.
 *
 * @throws IpamError `config` for anything but a list of usages
 */
export const formatUsage = checkedHere('formatUsage', 'usage: array', status.formatUsage);

export { IpamError, type IpamErrorCode, type IpamSubject } from './policy/errors.ts';
export type { NetworkConfig } from './policy/config.ts';
export type { FreedLease, Owner } from './policy/owner.ts';
export type { HostLocal } from './host-local.ts';
export type { AddOptions, Assignment, IpamOptions, OwnerLeases } from './owner-leases.ts';
export type { GcReport } from './garbage.ts';
export type { RangeSetUsage } from './status.ts';
export type { Finding, LeaseInfo, RepairOptions, RepairReport } from './inspect.ts';
export type { StaticIpam } from './static.ts';
export type { IpamDns, IpamIp, IpamResult, IpamRoute } from './policy/result.ts';
