/**
 * Which keys a verb cannot be without, as a kernel says: each example is sent as it is, which must
 * succeed, and once without each of its keys. What is refused then is required, by the kernel or
 * by the library. `refusals.ts` writes the answers to `required.json`.
 */
import { inspect } from 'node:util';
import { NetlinkError } from '../../src/errors.ts';
import { callText, inNamespace, type Handles } from './handles.ts';

interface Example {
  /** `({ rt }, spec) => rt.addrs.add(spec)` */
  readonly call: (handles: Handles, spec: never) => unknown;
  readonly spec: object;
  /** What must be there, besides what `inNamespace` makes. */
  readonly before?: (handles: Handles) => unknown;
}

export interface Required {
  /** `RTM_NEWADDR` */
  readonly type: string;
  /** `rt.addrs.add({ dev: 'br0', local: '192.0.2.7/24' })` */
  readonly call: string;
  readonly kernel: string;
  /** Keys of the spec, and what is said without each: `data.id`. */
  readonly required: Readonly<Record<string, string>>;
}

const example = <const S extends object>(
  type: string,
  call: (handles: Handles, spec: S) => unknown,
  spec: S,
  before?: Example['before'],
): Example & { type: string } => ({ type, call, spec, ...(before && { before }) });

const KEY = '000102030405060708090a0b0c0d0e0f';
const TABLE = { family: 'inet', table: 't' } as const;
const table = ({ nft }: Handles): unknown => nft.tables.add({ family: 'inet', name: 't' });
const chain = (handles: Handles): void => {
  table(handles);
  handles.nft.chains.add({ ...TABLE, name: 'c' });
};
const set = (handles: Handles): void => {
  table(handles);
  handles.nft.sets.add({ ...TABLE, name: 's', type: 'ipv4_addr' });
};
const drr = ({ tc }: Handles): unknown => tc.qdiscs.add({ dev: 'v0', kind: 'drr', handle: '1:' });
const clsact = ({ tc }: Handles): unknown => tc.qdiscs.add({ dev: 'v0', kind: 'clsact' });
const wg0 = ({ rt }: Handles): unknown => rt.links.add({ ifname: 'wg0', kind: 'wireguard' });

export const EXAMPLES = [
  example('RTM_NEWLINK', ({ rt }, spec) => rt.links.add(spec), { ifname: 'br1', kind: 'bridge' }),
  example('RTM_NEWLINK', ({ rt }, spec) => rt.links.add(spec), {
    ifname: 'v0.42',
    link: 'v0',
    kind: 'vlan',
    data: { id: 42 },
  }),
  example('RTM_NEWLINK', ({ rt }, spec) => rt.links.add(spec), {
    ifname: 'vx0',
    kind: 'vxlan',
    data: { id: 7, port: 4789, local: '192.0.2.1' },
  }),
  example('RTM_NEWLINK', ({ rt }, spec) => rt.links.add(spec), {
    ifname: 'ipvl0',
    link: 'v0',
    kind: 'ipvlan',
    data: { mode: 'l3' },
  }),
  example('RTM_NEWLINK', ({ rt }, spec) => rt.links.add(spec), {
    ifname: 'vrf0',
    kind: 'vrf',
    data: { table: 10 },
  }),
  example('RTM_NEWLINK', ({ rt }, spec) => rt.links.add(spec), {
    ifname: 'gre1',
    kind: 'gre',
    data: { local: '192.0.2.1', remote: '192.0.2.2', ttl: 64 },
  }),
  example('RTM_NEWADDR', ({ rt }, spec) => rt.addrs.add(spec), {
    dev: 'br0',
    local: '192.0.2.7/24',
  }),
  example('RTM_NEWROUTE', ({ rt }, spec) => rt.routes.add(spec), {
    dst: '198.51.100.0/24',
    gateway: '192.0.2.254',
  }),
  example('RTM_NEWROUTE', ({ rt }, spec) => rt.routes.add(spec), {
    dst: '198.51.100.0/24',
    dev: 'br0',
  }),
  example('RTM_NEWNEIGH', ({ rt }, spec) => rt.neighs.add(spec), {
    dev: 'br0',
    dst: '192.0.2.9',
    lladdr: '02:00:00:00:00:09',
  }),
  example('RTM_NEWRULE', ({ rt }, spec) => rt.rules.add(spec), {
    src: '192.0.2.0/24',
    table: 100,
    priority: 100,
  }),
  example(
    'RTM_NEWNEXTHOP',
    ({ rt }, spec) => rt.nexthops.add(spec),
    { id: 7, gateway: '198.51.100.2', dev: 'v0' },
    ({ rt }) => rt.addrs.add({ dev: 'v0', local: '198.51.100.1/24' }),
  ),
  example('NFT_MSG_NEWTABLE', ({ nft }, spec) => nft.tables.add(spec), {
    family: 'inet',
    name: 't',
  }),
  example(
    'NFT_MSG_NEWCHAIN',
    ({ nft }, spec) => nft.chains.add(spec),
    { ...TABLE, name: 'in', type: 'filter', hook: 'input', prio: 'filter' },
    table,
  ),
  example(
    'NFT_MSG_NEWSET',
    ({ nft }, spec) => nft.sets.add(spec),
    { ...TABLE, name: 's', type: 'ipv4_addr' },
    table,
  ),
  example(
    'NFT_MSG_NEWSETELEM',
    ({ nft }, spec) => nft.elements.add(spec),
    { ...TABLE, name: 's', elem: [{ key: '192.0.2.8' }] },
    set,
  ),
  example(
    'NFT_MSG_NEWRULE',
    ({ nft }, spec) => nft.rules.add(spec),
    { ...TABLE, chain: 'c', expr: [{ name: 'counter', data: {} }] },
    chain,
  ),
  example(
    'NFT_MSG_NEWFLOWTABLE',
    ({ nft }, spec) => nft.flowtables.add(spec),
    { ...TABLE, name: 'f', hook: 'ingress', prio: 'filter', dev: 'v0' },
    table,
  ),
  example('RTM_NEWQDISC', ({ tc }, spec) => tc.qdiscs.add(spec), {
    dev: 'v0',
    handle: '1:',
    kind: 'fq_codel',
    options: { limit: 1000 },
  }),
  example(
    'RTM_NEWTCLASS',
    ({ tc }, spec) => tc.classes.add(spec),
    { dev: 'v0', parent: '1:', handle: '1:10', kind: 'drr', options: { quantum: 1500 } },
    drr,
  ),
  example(
    'RTM_NEWTFILTER',
    ({ tc }, spec) => tc.filters.add(spec),
    { dev: 'v0', parent: 'ingress', protocol: 'ip', pref: 1, kind: 'matchall' },
    clsact,
  ),
  example('IPCTNL_MSG_CT_NEW', ({ conntrack }, spec) => conntrack.connections.add(spec), {
    orig: { src: '192.0.2.1', dst: '203.0.113.9', protonum: 'udp', sport: 5000, dport: 53 },
    timeout: 600,
  }),
  example('XFRM_MSG_NEWSA', ({ xfrm }, spec) => xfrm.states.add(spec), {
    src: '192.0.2.1',
    dst: '192.0.2.2',
    proto: 'esp',
    spi: 0x1000,
    mode: 'tunnel',
    aead: { name: 'rfc4106(gcm(aes))', key: `${KEY}10111213`, icvLen: 128 },
  }),
  example('XFRM_MSG_NEWPOLICY', ({ xfrm }, spec) => xfrm.policies.add(spec), {
    dir: 'out',
    sel: { src: '192.0.2.0/24', dst: '198.51.100.0/24' },
    tmpl: [{ src: '192.0.2.1', dst: '192.0.2.2', proto: 'esp', reqid: 7, mode: 'tunnel' }],
  }),
  example(
    'WG_CMD_SET_DEVICE',
    ({ wg }, spec) => wg.devices.addPeer('wg0', spec),
    {
      publicKey: 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=',
      endpoint: { address: '192.0.2.9', port: 51820 },
      allowedIps: ['198.51.100.0/24'],
    },
    wg0,
  ),
] as const;

/** What this kernel says to each example; of those that it cannot do, nothing. */
export function askRequired(kernel: string): Required[] {
  return EXAMPLES.flatMap((each) => {
    const { type, call, spec } = each;
    const verb = callText(call).slice(0, -'spec)'.length);
    if (answer(each, spec) !== undefined) return [];
    const required = keysOf(spec).flatMap((path) => {
      const said = answer(each, without(spec, path.split('.')));
      return said === undefined ? [] : [[path, said] as const];
    });
    const text = `${verb}${inspect(spec, { depth: null, breakLength: Infinity })})`;
    return [{ type, call: text, kernel, required: Object.fromEntries(required) }];
  });
}

/** What is said to a call that fails, in a namespace of its own. */
export function answer({ call, before }: Example, spec: object): string | undefined {
  return inNamespace((handles) => {
    try {
      before?.(handles);
      call(handles, spec as never);
      return undefined;
    } catch (error) {
      const { name, message } = error as Error;
      return error instanceof NetlinkError ? message : `${name}: ${message}`;
    }
  });
}

/** `data` and `data.id`; what is in an array is not left out. */
const keysOf = (spec: object): string[] =>
  Object.entries(spec).flatMap(([key, value]) =>
    typeof value === 'object' && !Array.isArray(value)
      ? [key, ...keysOf(value as object).map((inner) => `${key}.${inner}`)]
      : [key],
  );

export function without(spec: object, [key, ...inner]: readonly string[]): object {
  const { [key!]: value, ...rest } = spec as Record<string, object>;
  return inner.length === 0 ? rest : { ...rest, [key!]: without(value!, inner) };
}
