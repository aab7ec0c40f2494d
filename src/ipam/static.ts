/**
 * static: addresses from the configuration. No state, no files.
 *
 * Sources, as in the reference: `runtimeConfig.ips` replaces `args.cni.ips`, which replaces the
 * configured addresses followed by those of `CNI_ARGS`.
 */
import {
  formatAddress,
  formatPrefix,
  parseAddress,
  parseCidr,
  prefixContains,
  sameAddress,
  type Address,
  type Prefix,
} from '../ip.ts';
import { checkPerFamily, ipamOf, optionalFields, type NetworkConfig } from './policy/config.ts';
import { configError, IpamError } from './policy/errors.ts';
import { fieldsOf, textOf, type Fields } from './policy/fields.ts';
import { dnsOf, ipamResult, routesOf, type IpamIp, type IpamResult } from './policy/result.ts';

export interface StaticIpam {
  add(): IpamResult;
  /** `prevResult` in the 1.x shape; undefined when the configuration has none. */
  check(prevResult: IpamResult | undefined, ifname: string): void;
}

interface StaticAddress {
  readonly prefix: Prefix;
  readonly gateway?: Address;
}

export function staticIpam(network: NetworkConfig): StaticIpam {
  /** The complete configuration is read, whatever is requested: a mistake anywhere is an error. */
  const read = (): { addresses: StaticAddress[]; result: IpamResult } => {
    const ipam = ipamOf(network);
    const addresses = addressesOf(network);
    const result = ipamResult(addresses.map(ipOf), routesOf(ipam), dnsOf(ipam.object('dns')));
    return { addresses, result };
  };
  return {
    add: () => read().result,
    check: (prevResult, ifname) => {
      const { addresses } = read();
      if (!prevResult) {
        throw new IpamError('missing', 'Required prevResult missing', { path: 'prevResult' });
      }
      for (const address of addresses) checkGateway(address, prevResult.ips ?? [], ifname);
    },
  };
}

const ipOf = ({ prefix, gateway }: StaticAddress): IpamIp => ({
  address: formatPrefix(prefix),
  ...(gateway ? { gateway: formatAddress(gateway) } : {}),
});

function addressesOf(network: NetworkConfig): StaticAddress[] {
  const ipam = ipamOf(network);
  const fromArgs = cniArgsAddresses(network);
  const replaced = replacements(network);
  const found = replaced ?? [...ipam.list('addresses', configuredAddress), ...fromArgs];
  const count = (family: 4 | 6): number =>
    found.filter(({ prefix }) => prefix.address.family === family).length;
  checkPerFamily(count(4), count(6), network.cniVersion);
  return found;
}

function configuredAddress(value: unknown, path: string): StaticAddress {
  const fields = fieldsOf(value, path);
  // The reference's decoder has a separate field for this spelling; it is not `address`.
  if (Object.hasOwn(value as object, 'Address')) {
    throw configError(`${path}.Address is not read: write "address"`, `${path}.Address`, value);
  }
  const gateway = fields.address('gateway');
  return {
    prefix: cidr(fields, 'address', path),
    ...(gateway ? { gateway } : {}),
  };
}

function cidr(fields: Fields, key: string, path: string): Prefix {
  const text = fields.text(key) ?? '';
  const prefix = parseCidr(text);
  if (prefix) return prefix;
  const message = `the 'address' field is expected to be in CIDR notation, got: '${text}'`;
  throw configError(message, `${path}.${key}`, text);
}

/** Undefined where neither the capability nor `args` has an address. */
function replacements({ args, runtimeConfig }: NetworkConfig): StaticAddress[] | undefined {
  const fromCni = entries(optionalFields(args, 'args')?.object('cni'));
  const fromRuntime = entries(optionalFields(runtimeConfig, 'runtimeConfig'));
  return fromRuntime.length > 0 ? fromRuntime : fromCni.length > 0 ? fromCni : undefined;
}

const entries = (fields: Fields | undefined): StaticAddress[] =>
  fields?.list('ips', (value, path) => {
    const text = textOf(value, path);
    const prefix = parseCidr(text);
    if (prefix) return { prefix };
    const message = `an entry in the 'ips' field is NOT in CIDR notation, got: '${text}'`;
    throw configError(message, path, text);
  }) ?? [];

/** `IP` and `GATEWAY` of CNI_ARGS; a gateway belongs to each address whose subnet contains it. */
function cniArgsAddresses({ cniArgs }: NetworkConfig): StaticAddress[] {
  const prefixes = items(cniArgs?.['IP']).map((item) => {
    const prefix = parseCidr(item);
    if (prefix) return prefix;
    const message = `the 'ip' field is expected to be in CIDR notation, got: '${item}'`;
    throw configError(message, 'CNI_ARGS', item);
  });
  const gateways = items(cniArgs?.['GATEWAY']).map((item) => {
    const gateway = parseAddress(item);
    if (gateway) return gateway;
    throw configError(`invalid gateway address: ${item}`, 'CNI_ARGS', item);
  });
  return prefixes.map((prefix) => {
    const gateway = gateways.findLast((candidate) => prefixContains(prefix, candidate));
    return { prefix, ...(gateway ? { gateway } : {}) };
  });
}

const items = (list: string | undefined): string[] =>
  list ? list.split(',').map((item) => item.trim()) : [];

function checkGateway(
  { prefix, gateway }: StaticAddress,
  ips: readonly IpamIp[],
  ifname: string,
): void {
  const entry = ips.find(({ address }) => {
    const given = parseCidr(address);
    return given !== undefined && sameAddress(given.address, prefix.address);
  });
  if (!entry || !gateway) return;
  const given = parseAddress(entry.gateway ?? '');
  if (given && sameAddress(given, gateway)) return;
  const text = formatAddress(prefix.address);
  const message = `static: Failed to match addr ${text} on interface ${ifname}`;
  throw new IpamError('missing', message, {
    address: text,
    details: `gateway ${formatAddress(gateway)} expected, ${entry.gateway ?? 'none'} found`,
  });
}
