/**
 * CHECK of the bridge plugin with a `prevResult` that does not fit what is there: each thing in it
 * that is not so is told.
 */
import test from 'ava';
import { freshNamespace } from '../../harness/namespace.ts';
import { type CniResult, failed, freshNode, succeeded } from '../../harness/node.ts';

type Interfaces = CniResult['interfaces'];
type Mutation = readonly [change: (result: CniResult) => object, told: RegExp];

/**
 * The result with one of its interfaces changed: 0 is the bridge, 1 the host's end, 2 the
 * container's.
 */
const withInterface = (at: number, change: Partial<Interfaces[number]>) => (result: CniResult) => ({
  ...result,
  interfaces: result.interfaces.map((each, i) => (i === at ? { ...each, ...change } : each)),
});

const without = (at: number) => (result: CniResult) => ({
  ...result,
  interfaces: result.interfaces.filter((_each, i) => i !== at),
  // Indexes count what is left.
  ips: result.ips.map((ip) => ({ ...ip, interface: ip.interface - (at < 2 ? 1 : 0) })),
});

const OTHER = '02:00:00:00:00:99';

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'no interface of the container': [without(2), /prevResult has no interface eth0 in /],
  'an interface in another namespace': [
    withInterface(2, { sandbox: '/run/netns/nobody' }),
    /prevResult has no interface eth0 in .*, but in: \/run\/netns\/nobody/,
  ],
  'another MAC address in the container': [
    withInterface(2, { mac: OTHER }),
    new RegExp(`MAC address of eth0 is .*, expected ${OTHER}`),
  ],
  'no bridge': [without(0), /prevResult has no interface br0 on the host/],
  'a bridge in a namespace': [
    withInterface(0, { sandbox: '/run/netns/nobody' }),
    /prevResult has no interface br0 on the host/,
  ],
  'another MAC address of the bridge': [
    withInterface(0, { mac: OTHER }),
    new RegExp(`MAC address of br0 is .*, expected ${OTHER}`),
  ],
  "no host's end": [without(1), /prevResult does not name veth\w+, the other end of eth0/],
  "another MAC address of the host's end": [
    withInterface(1, { mac: OTHER }),
    new RegExp(`MAC address of veth\\w+ is .*, expected ${OTHER}`),
  ],
  'an address that is not there': [
    (result) => ({ ...result, ips: [...result.ips, { address: '10.88.0.77/24', interface: 2 }] }),
    /address 10\.88\.0\.77\/24 is missing on eth0/,
  ],
  'a route that is not there': [
    (result) => ({ ...result, routes: [{ dst: '192.0.2.0/24', gw: '10.88.0.1' }] }),
    /route to 192\.0\.2\.0\/24 via 10\.88\.0\.1 is missing/,
  ],
};

for (const [what, [change, told]] of Object.entries(MUTATIONS)) {
  test.serial(`bridge CHECK reports that prevResult has ${what}`, (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const config = node.config(['10.88.0.0/24'], { isDefaultGateway: true });
    const call = { netns: container.path };
    const result = succeeded(node.call('ADD', config, call));
    const good = node.call('CHECK', { ...config, prevResult: result }, call);
    t.is(good.code, 0, good.stdout);
    const error = failed(node.call('CHECK', { ...config, prevResult: change(result) }, call));
    t.regex(error.details!, told);
  });
}
