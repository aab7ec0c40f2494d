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
export { IpamError, type IpamErrorCode, type IpamSubject } from './policy/errors.ts';
export { type NetworkConfig } from './policy/config.ts';
export { type FreedLease, type Owner } from './policy/owner.ts';
export { hostLocal, type HostLocal } from './host-local.ts';
export {
  type AddOptions,
  type Assignment,
  type IpamOptions,
  type OwnerLeases,
} from './owner-leases.ts';
export { describeGc, type GcReport } from './garbage.ts';
export { youngOwners } from './young.ts';
export { formatUsage, type RangeSetUsage } from './status.ts';
export {
  checkLeases,
  listLeases,
  networks,
  reclaimLeases,
  releaseLeases,
  type Finding,
  type LeaseInfo,
  type RepairOptions,
  type RepairReport,
} from './inspect.ts';
export { staticIpam, type StaticIpam } from './static.ts';
export { type IpamDns, type IpamIp, type IpamResult, type IpamRoute } from './policy/result.ts';
