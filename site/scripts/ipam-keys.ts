/**
 * The keys of `ipam` of host-local and static, as JSON Schemas with their texts. `src/ipam` reads
 * them without a schema; a test holds this list against the keys that it knows.
 */
import type { JsonSchema } from './keys.ts';

const text = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  ...more,
  description,
});
const flag = (description: string): JsonSchema => ({
  type: 'boolean',
  default: false,
  description,
});
const seconds = (description: string, preset: number, maximum: number): JsonSchema => ({
  type: 'integer',
  default: preset,
  minimum: 0,
  maximum,
  description,
});
const listOf = (items: JsonSchema, description: string): JsonSchema => ({
  type: 'array',
  items,
  description,
});

const RANGE: Readonly<Record<string, JsonSchema>> = {
  subnet: text('The subnet in CIDR notation, such as `10.88.0.0/16` or `fd00:88::/64`.'),
  rangeStart: text('The first address to assign; by default the first of the subnet.'),
  rangeEnd: text('The last address to assign; by default the last before the broadcast address.'),
  gateway: text(
    'Never assigned, and the gateway of the result; by default the first address of the subnet.',
  ),
  exclude: listOf(
    { type: 'string' },
    'Our own key: addresses and subnets that are never assigned.',
  ),
};

const ROUTES = listOf(
  {
    type: 'object',
    properties: {
      dst: text('The destination in CIDR notation.'),
      gw: text('The gateway; by default that of the address.'),
      mtu: { type: 'integer', description: 'Bytes.' },
      advmss: { type: 'integer', description: 'The segment size that TCP advertises.' },
      priority: { type: 'integer', description: 'The metric: lower ones are preferred.' },
      table: { type: 'integer', description: 'The routing table; by default `main`.' },
      scope: { type: 'integer', description: 'The number of the scope.' },
    },
  },
  'Copied to the result; the plugin of the interface sets them in the container.',
);

const TYPE = (name: string): JsonSchema => text('The name of the plugin.', { const: name });
const NAME = text('Accepted, as by the reference, and not read.');

export const IPAM_SCHEMAS: Readonly<Record<'host-local' | 'static', JsonSchema>> = {
  'host-local': {
    type: 'object',
    properties: {
      type: TYPE('host-local'),
      name: NAME,
      ranges: listOf(
        listOf({ type: 'object', properties: RANGE }, 'Ranges of one set.'),
        'A list of range sets, each a list of ranges: the container gets one address from each set. Two sets, one of each family, make a dual stack.',
      ),
      ...RANGE,
      routes: ROUTES,
      dataDir: text('Leases of network `N` are files in `dataDir/N`.', {
        default: '/var/lib/cni/networks',
      }),
      resolvConf: text('A file in resolv.conf(5) format, whose content is the DNS of the result.'),
      cooldown: seconds(
        'Our own key: seconds until a freed address is given to another owner.',
        0,
        31_536_000,
      ),
      sticky: {
        default: false,
        description:
          'Our own key. `true`: container and interface get their last address again when it is free. Or a key over `CNI_ARGS`, such as `"{K8S_POD_NAMESPACE}/{K8S_POD_NAME}"`.',
      },
      reclaimOnBoot: flag('Our own key: leases of earlier boots are freed after a reboot.'),
      durability: text(
        'Our own key. `sync`: a lease is on the disk before ADD returns; `async`: the kernel writes it when it likes.',
        { default: 'sync', enum: ['sync', 'async'] },
      ),
      lockTimeout: seconds('Our own key: seconds to wait for the lock of the leases.', 60, 86_400),
      unavailableWhenFull: flag('Our own key: STATUS fails while a range set is used up.'),
    },
  },
  static: {
    type: 'object',
    properties: {
      type: TYPE('static'),
      name: NAME,
      addresses: listOf(
        {
          type: 'object',
          properties: {
            address: text('The address with its prefix length, such as `10.88.0.9/24`.'),
            gateway: text('The gateway of this address.'),
          },
        },
        'The addresses of the container. The capability `ips` replaces them, and `args.cni.ips` does if there is none.',
      ),
      routes: ROUTES,
      dns: {
        type: 'object',
        properties: {
          nameservers: listOf({ type: 'string' }, 'Addresses of name servers.'),
          domain: text('The local domain.'),
          search: listOf({ type: 'string' }, 'Domains to search.'),
          options: listOf({ type: 'string' }, 'Options of resolv.conf(5).'),
        },
        description: 'Name servers, which the result passes on.',
      },
    },
  },
};
