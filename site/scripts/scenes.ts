/** What is recorded: a plugin, and the switches of its page. */
export interface Scene {
  /** `bridge-masquerade-dual` */
  readonly name: string;
  readonly plugin: 'bridge' | 'ipvlan';
  readonly kernel: 'host' | 'uml';
  /** Commands on the host before it. */
  readonly setup: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
}

const IPV4 = [{ subnet: '10.88.0.0/16' }];
const IPV6 = [{ subnet: 'fd00:88::/64' }];

const ipam = (dual: boolean, more: object = {}): object => ({
  type: 'host-local',
  ranges: dual ? [IPV4, IPV6] : [IPV4],
  ...more,
});

const nameOf = (plugin: string, masquerade: boolean, dual: boolean): string =>
  `${plugin}${masquerade ? '-masquerade' : ''}${dual ? '-dual' : ''}`;

const bridge = (masquerade: boolean, dual: boolean): Scene => ({
  name: nameOf('bridge', masquerade, dual),
  plugin: 'bridge',
  kernel: 'host',
  setup: [],
  config: {
    cniVersion: '1.1.0',
    name: 'mynet',
    type: 'bridge',
    bridge: 'mynet0',
    isDefaultGateway: true,
    ...(masquerade && { ipMasq: true }),
    ipam: ipam(dual),
  },
});

/** The host's link is a dummy: what is on the other side of it does not matter here. */
const ipvlan = (dual: boolean): Scene => ({
  name: nameOf('ipvlan', false, dual),
  plugin: 'ipvlan',
  kernel: 'uml',
  setup: ['ip link add uplink type dummy', 'ip link set uplink up'],
  config: {
    cniVersion: '1.1.0',
    name: 'mynet',
    type: 'ipvlan',
    master: 'uplink',
    mode: 'l2',
    ipam: ipam(dual, { routes: [{ dst: '0.0.0.0/0' }, ...(dual ? [{ dst: '::/0' }] : [])] }),
  },
});

export const SCENES: readonly Scene[] = [
  bridge(false, false),
  bridge(true, false),
  bridge(false, true),
  bridge(true, true),
  ipvlan(false),
  ipvlan(true),
];
