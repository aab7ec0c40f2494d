/**
 * Results of ADD: the types, and reading a result in the shape of any version.
 *
 * Inside a plugin a result always has the shape of 1.1.0 (CNI SPEC 1.1.0, section 5 "Success");
 * older documents are converted when they are read, and `result-text.ts` converts them when they
 * are printed.
 */
import { decode } from './decode.ts';
import { CniError, DECODING_FAILURE, withPrefix } from './errors.ts';
import { isObject } from './json-text.ts';
import type { JsonNode, JsonObject } from './json-text.ts';
import { cidr, integer, ip, list, object, OPEN, optional, string } from './schema.ts';
import type { Static } from './schema.ts';

// Functions, because most calls of a plugin read no result, and making all these schemas takes a
// fifth of a millisecond.
export const routeSchema = () =>
  object({
    dst: cidr(),
    gw: optional(ip()),
    mtu: optional(integer()),
    advmss: optional(integer()),
    priority: optional(integer()),
    table: optional(integer()),
    scope: optional(integer()),
  });

export const dnsSchema = () =>
  object({
    nameservers: optional(list(string())),
    domain: optional(string()),
    search: optional(list(string())),
    options: optional(list(string())),
  });

const interfaceSchema = () =>
  object({
    name: string({ default: '' }),
    mac: optional(string()),
    mtu: optional(integer()),
    sandbox: optional(string()),
    socketPath: optional(string()),
    pciID: optional(string()),
  });

const ipSchema = () =>
  object({
    interface: optional(integer()),
    address: cidr(),
    gateway: optional(ip()),
  });

/**
 * 0.3.0 to 1.1.0: the older ones have no `mtu`, `socketPath` and `pciID`, and have a `version`,
 * which the address shows as well.
 */
const resultSchema = () =>
  object(
    {
      cniVersion: optional(string()),
      interfaces: optional(list(interfaceSchema())),
      ips: optional(list(ipSchema())),
      routes: optional(list(routeSchema())),
      dns: optional(dnsSchema()),
    },
    OPEN,
  );

const ipSchema02 = () =>
  object({
    ip: cidr(),
    gateway: optional(ip()),
    routes: optional(list(routeSchema())),
  });

/** 0.1.0 and 0.2.0: one address of each family, each with its own routes. */
const resultSchema02 = () =>
  object(
    {
      cniVersion: optional(string()),
      ip4: optional(ipSchema02()),
      ip6: optional(ipSchema02()),
      dns: optional(dnsSchema()),
    },
    OPEN,
  );

/** The type that a schema describes, read-only. */
type Frozen<T> = {
  readonly [K in keyof T]: NonNullable<T[K]> extends (infer U)[] ? readonly U[] : T[K];
};
export type Route = Frozen<Static<ReturnType<typeof routeSchema>>>;
export type Dns = Frozen<Static<ReturnType<typeof dnsSchema>>>;
export type Interface = Frozen<Static<ReturnType<typeof interfaceSchema>>>;
export type IpConfig = Frozen<Static<ReturnType<typeof ipSchema>>>;

/** What ADD has made, in the shape of 1.1.0; addresses are spelled as `src/ip.ts` prints them. */
export interface Result {
  readonly interfaces?: readonly Interface[];
  readonly ips?: readonly IpConfig[];
  readonly routes?: readonly Route[];
  readonly dns?: Dns;
}

/** The three shapes of results, with the versions that each may have. */
export const SHAPES = {
  '0.2': ['', '0.1.0', '0.2.0'],
  '0.4': ['0.3.0', '0.3.1', '0.4.0'],
  '1.x': ['1.0.0', '1.1.0'],
} as const satisfies Record<string, readonly string[]>;
export type Shape = keyof typeof SHAPES;

export function shapeOf(version: string): Shape | undefined {
  for (const shape of Object.keys(SHAPES) as Shape[]) {
    if ((SHAPES[shape] as readonly string[]).includes(version)) return shape;
  }
  return undefined;
}

/**
 * Reads a result in the shape of `version`. A result without `cniVersion` is taken to have that
 * version; a version of another shape is refused.
 */
export function readResult(version: string, node: JsonNode): Result {
  const shape = shapeOf(version);
  if (shape === undefined) {
    throw decodingFailure(`unsupported CNI result version ${JSON.stringify(version)}`);
  }
  if (!isObject(node)) throw decodingFailure('the result is not a JSON object');
  const read = shape === '0.2' ? readShape02 : readShape;
  return withPrefix('', () => read(shape, node), DECODING_FAILURE);
}

/**
 * The addresses of one interface of a result, which may come from several plugins. Addresses of no
 * particular interface count only if the interface has none of its own.
 */
export function addressesOf(
  { interfaces = [], ips = [] }: Result,
  isOwn: (entry: Interface) => boolean,
): IpConfig[] {
  const own = ips.filter((ip) => {
    const entry = ip.interface === undefined ? undefined : interfaces[ip.interface];
    return entry !== undefined && isOwn(entry);
  });
  return own.length > 0 ? own : ips.filter((ip) => ip.interface === undefined);
}

/**
 * The result of a plugin that is not the first of its list: what the plugins before it have made,
 * and what it has made itself (CNI SPEC 1.1.0, section 5 "Success"). Its own addresses come first:
 * runtimes take the first for that of the container, and 0.2.0 has room for one only.
 */
export function resultAfter(previous: Result | undefined, own: Result): Result {
  if (previous === undefined) return own;
  const { interfaces = [], ips = [], routes = [], dns } = previous;
  const ownIps: IpConfig[] = [];
  for (const each of own.ips ?? []) {
    const index = each.interface;
    ownIps.push(index === undefined ? each : { ...each, interface: index + interfaces.length });
  }
  return {
    ...(dns === undefined ? {} : { dns }),
    ...own,
    interfaces: [...interfaces, ...(own.interfaces ?? [])],
    ips: [...ownIps, ...ips],
    routes: [...(own.routes ?? []), ...routes],
  };
}

function readShape(shape: Shape, node: JsonObject): Result {
  const { cniVersion, ...result } = decode(resultSchema(), node);
  requireShape(shape, cniVersion);
  return result;
}

function readShape02(shape: Shape, node: JsonObject): Result {
  const { cniVersion, ip4, ip6, dns } = decode(resultSchema02(), node);
  requireShape(shape, cniVersion);
  const blocks = [ip4, ip6].filter((block) => block !== undefined);
  const ips = blocks.map(({ ip: address, gateway }) =>
    gateway === undefined ? { address } : { address, gateway },
  );
  const routes = blocks.flatMap((block) => block.routes ?? []);
  return { ips, routes, ...(dns === undefined ? {} : { dns }) };
}

function requireShape(shape: Shape, cniVersion: string | undefined): void {
  if (cniVersion === undefined) return;
  const labels: readonly string[] = SHAPES[shape];
  if (labels.includes(cniVersion)) return;
  const found = JSON.stringify(cniVersion);
  throw decodingFailure(
    `result type supports [${labels.join(' ')}] but unmarshalled CNIVersion is ${found}`,
  );
}

function decodingFailure(msg: string): CniError {
  return new CniError(DECODING_FAILURE, msg);
}
