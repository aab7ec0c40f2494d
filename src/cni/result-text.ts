/**
 * Results of ADD as printed on stdout: converted to the shape of the configuration's version and
 * printed with the keys, the key order and the omissions of the reference, so that outputs are
 * equal byte for byte.
 *
 * CNI SPEC 1.1.0, section 5 "Success"; the older shapes are in the SPEC of those releases.
 */
import { familyOf } from '../ip.ts';
import { CniError, INCOMPATIBLE_CNI_VERSION } from './errors.ts';
import { formatJson } from './json-text.ts';
import { shapeOf } from './result.ts';
import type { Dns, Result } from './result.ts';
import { CURRENT_VERSION, DEFAULT_VERSION } from './version.ts';

type Fields = Record<string, unknown>;

/** The JSON text of a result for a configuration of `version`. */
export function formatResult(result: Result, version: string): string {
  return formatJson(convertResult(result, version));
}

/** The result as plain data in the shape of `version`, keys in printing order. */
export function convertResult(result: Result, version: string): Fields {
  const label = version === '' ? DEFAULT_VERSION : version;
  switch (shapeOf(label)) {
    case '1.x':
      return toShape1(result, label);
    case '0.4':
      return toShape04(result, label);
    case '0.2':
      return toShape02(result, label);
  }
  throw new CniError(
    INCOMPATIBLE_CNI_VERSION,
    `no converter for CNI result version ${CURRENT_VERSION} to ${version}`,
  );
}

/**
 * Throws for a result without addresses where the configuration's version cannot express one.
 * Called before anything is changed, so that there is nothing to undo.
 */
export function requireAddressesFor(version: string, result: Result): void {
  if (shapeOf(version) === '0.2' && (result.ips ?? []).length === 0) {
    throw new CniError(
      INCOMPATIBLE_CNI_VERSION,
      'cannot convert: no valid IP addresses',
      `a result of CNI version ${version === '' ? DEFAULT_VERSION : version} must hold an address`,
    );
  }
}

/** The reference prints this shape through a Go map, which sorts the keys at every level. */
function toShape1(result: Result, cniVersion: string): Fields {
  const { domain, nameservers, options, search } = result.dns ?? {};
  const dns = present({ domain, nameservers, options, search });
  return present({
    cniVersion,
    dns: Object.keys(dns).length === 0 ? undefined : dns,
    interfaces: each(result.interfaces, ({ mac, mtu, name, pciID, sandbox, socketPath }) =>
      present({ mac, mtu, name, pciID, sandbox, socketPath }),
    ),
    ips: each(result.ips, ({ address, gateway, interface: index }) =>
      present({ address, gateway }, { interface: index }),
    ),
    routes: each(result.routes, ({ advmss, dst, gw, mtu, priority, scope, table }) =>
      present({ advmss, dst, gw, mtu, priority }, { scope, table }),
    ),
  });
}

function toShape04(result: Result, cniVersion: string): Fields {
  return present({
    cniVersion,
    interfaces: each(result.interfaces, ({ name, mac, sandbox }) =>
      present({ name, mac, sandbox }),
    ),
    ips: each(result.ips, ({ address, gateway, interface: index }) => ({
      version: versionOf(address),
      ...(index !== undefined && { interface: index }),
      ...present({ address, gateway }),
    })),
    routes: each(result.routes, ({ dst, gw, mtu, advmss, priority, table, scope }) =>
      present({ dst, gw, mtu, advmss, priority }, { table, scope }),
    ),
    dns: toDns(result.dns),
  });
}

function toShape02(result: Result, cniVersion: string): Fields {
  requireAddressesFor(cniVersion, result);
  const block = (version: '4' | '6'): Fields | undefined => {
    const first = result.ips?.find((ip) => versionOf(ip.address) === version);
    if (first === undefined) return undefined;
    const routes = result.routes?.filter((route) => versionOf(route.dst) === version);
    return present({
      ip: first.address,
      gateway: first.gateway,
      routes: routes?.map(({ dst, gw }) => present({ dst, gw })),
    });
  };
  return present({ cniVersion, ip4: block('4'), ip6: block('6'), dns: toDns(result.dns) });
}

function toDns(dns: Dns | undefined): Fields {
  return present({
    nameservers: dns?.nameservers,
    domain: dns?.domain,
    search: dns?.search,
    options: dns?.options,
  });
}

function each<T>(items: readonly T[] | undefined, convert: (item: T) => Fields): Fields[] {
  const converted: Fields[] = [];
  for (const item of items ?? []) converted.push(convert(item));
  return converted;
}

/**
 * Removes the members that Go's `omitempty` leaves out; an interface's `name` stays even when
 * empty. `zeros` are the members for which zero is a value: the first interface, a table, a scope.
 */
function present(fields: Fields, zeros: Fields = {}): Fields {
  const kept: Fields = {};
  for (const key in fields) {
    const value = fields[key];
    if (value === undefined || value === 0 || (value === '' && key !== 'name')) continue;
    if (!Array.isArray(value) || value.length > 0) kept[key] = value;
  }
  for (const key in zeros) if (zeros[key] !== undefined) kept[key] = zeros[key];
  return kept;
}

/** The family of an address, as results write it. */
const versionOf = (address: string): '4' | '6' => (familyOf(address) === 'inet' ? '4' : '6');
