/**
 * Results of ADD as they go to stdout: converted to the shape of the configuration's version and printed
 * with the keys, the order of keys and the omissions of the reference, so that outputs compare byte for byte.
 *
 * CNI SPEC 1.1.0, section 5 "Success"; the older shapes are in the SPEC of their releases.
 */
import { ipVersion } from './address-text.ts';
import { CniError, INCOMPATIBLE_CNI_VERSION } from './errors.ts';
import { formatJson } from './json-text.ts';
import { shapeOf } from './result.ts';
import type { Dns, Interface, IpConfig, Result, Route } from './result.ts';
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
      return sorted(toShape1(result, label));
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
 * Throws when a result without addresses could not be told to a runtime of this version. To be asked
 * before anything is changed: afterwards there would be something to undo.
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

function toShape1(result: Result, cniVersion: string): Fields {
  const dns = toDns(result.dns);
  return present({
    cniVersion,
    interfaces: result.interfaces?.map((link) =>
      present({
        name: link.name,
        mac: link.mac,
        mtu: link.mtu,
        sandbox: link.sandbox,
        socketPath: link.socketPath,
        pciID: link.pciID,
      }),
    ),
    ips: result.ips?.map(toIp),
    routes: result.routes?.map(toRoute),
    dns: Object.keys(dns).length === 0 ? undefined : dns,
  });
}

function toShape04(result: Result, cniVersion: string): Fields {
  return present({
    cniVersion,
    interfaces: result.interfaces?.map(({ name, mac, sandbox }: Interface) =>
      present({ name, mac, sandbox }),
    ),
    ips: result.ips?.map((ip) => ({ version: ipVersion(ip.address), ...toIp(ip) })),
    routes: result.routes?.map(toRoute),
    dns: toDns(result.dns),
  });
}

function toShape02(result: Result, cniVersion: string): Fields {
  requireAddressesFor(cniVersion, result);
  const block = (version: '4' | '6'): Fields | undefined => {
    const first = result.ips?.find((ip) => ipVersion(ip.address) === version);
    if (first === undefined) return undefined;
    const routes = result.routes?.filter((route) => ipVersion(route.dst) === version);
    return present({
      ip: first.address,
      gateway: first.gateway,
      routes: routes?.map(({ dst, gw }) => present({ dst, gw })),
    });
  };
  return present({ cniVersion, ip4: block('4'), ip6: block('6'), dns: toDns(result.dns) });
}

function toIp({ interface: index, address, gateway }: IpConfig): Fields {
  const ip = present({ address, gateway });
  // Zero is the first interface, not an empty value.
  return index === undefined ? ip : { interface: index, ...ip };
}

function toRoute({ dst, gw, mtu, advmss, priority, table, scope }: Route): Fields {
  return {
    ...present({ dst, gw, mtu, advmss, priority }),
    // Zero is a table and a scope.
    ...(table === undefined ? {} : { table }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function toDns(dns: Dns | undefined): Fields {
  return present({
    nameservers: dns?.nameservers,
    domain: dns?.domain,
    search: dns?.search,
    options: dns?.options,
  });
}

/** Without the members that Go's `omitempty` leaves out; an interface's `name` stays even when empty. */
function present(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([key, value]) =>
        value !== undefined &&
        value !== 0 &&
        (value !== '' || key === 'name') &&
        !(Array.isArray(value) && value.length === 0),
    ),
  );
}

/** The reference prints the 1.x shape through a Go map, which sorts the keys at every level. */
function sorted<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sorted) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)])) as T;
}
