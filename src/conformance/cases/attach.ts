/** ADD of plugins that make an interface. CNI SPEC 1.1.0, 2, "ADD", and 5, "ADD Success". */
import { isAtLeast } from '../../cni/version.ts';
import { type Case, demand } from '../case.ts';
import { outcome } from '../execute.ts';
import type { Json } from '../profiles.ts';
import { reaches } from '../reach.ts';
import type { Result, Stage } from '../stage.ts';

const [HERE, NOWHERE] = ['10.87.0.', '/run/netns/nobody-is-here'];

/** Demands that a result has the shape that a version of the specification describes. */
export function shapeOf(result: unknown, version: string, hasInterfaces: boolean): void {
  const { cniVersion, ips, interfaces, ip4 } = (result ?? {}) as Record<string, unknown>;
  const of = `the result for ${version}`;
  demand(cniVersion === version, () => `${of} says cniVersion ${JSON.stringify(cniVersion)}`);
  if (!isAtLeast(version, '0.3.0')) {
    demand(ips === undefined && interfaces === undefined, `${of} has keys of version 0.3.0`);
    demand(typeof (ip4 as Json | undefined)?.['ip'] === 'string', `${of} has no ip4.ip`);
    return;
  }
  demand(ip4 === undefined, `${of} has the key ip4 of version 0.2.0`);
  demand(Array.isArray(ips) && ips.length > 0, `${of} has no ips`);
  demand(Array.isArray(interfaces) === hasInterfaces, () =>
    hasInterfaces ? `${of} has no interfaces` : `${of} has interfaces, which IPAM plugins omit`,
  );
  for (const ip of ips as Json[]) {
    const isOld = !isAtLeast(version, '1.0.0');
    demand(typeof ip['version'] === (isOld ? 'string' : 'undefined'), () =>
      isOld ? `${of} has an address without version` : `${of} has version in an address`,
    );
  }
}

/** What an ADD that was refused leaves. */
async function refusedCleanly(stage: Stage, config: Json, netns?: string): Promise<void> {
  const before = stage.state();
  const who = stage.container();
  await stage.fail('ADD', netns === undefined ? who : { ...who, netns }, config);
  await stage.unchanged(before, 'an ADD that failed');
  demand(stage.interfaceOf(who) === undefined, 'the interface stayed in the container');
}

/** The part of a result that a later plugin sees. */
const PREVIOUS = {
  interfaces: [{ name: 'before0', mac: '02:00:00:00:00:05' }],
  ips: [{ address: '192.0.2.5/24', interface: 0 }],
};

export const attachCases: readonly Case[] = [
  {
    name: 'add-versions',
    says: 'ADD answers in the shape of each version that the plugin supports.',
    level: 'must',
    source: 'SPEC 5, ADD Success',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      for (const cniVersion of stage.subject.versions) {
        const [who, config] = [stage.container(), stage.config({ cniVersion })];
        shapeOf(await stage.add(who, config), cniVersion, true);
        await stage.succeed('DEL', who, config);
      }
    },
  },
  {
    name: 'add-interface',
    says: 'After ADD the interface is in the container, up, and the result describes it.',
    level: 'must',
    source: 'SPEC 2, ADD; 5, ADD Success',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      const who = stage.container();
      const { interfaces = [] } = await stage.add(who);
      const link = stage.interfaceOf(who);
      demand(link !== undefined, `there is no ${who.ifname} in the container`);
      demand(link.flags.includes('up'), `${who.ifname} is down`);
      const mine = interfaces.find(({ sandbox }) => sandbox === who.netns);
      demand(mine !== undefined, 'no interface of the result has CNI_NETNS as its sandbox');
      demand(mine.name === who.ifname, `the result calls it ${mine.name}`);
      const isTrue = mine.mac === undefined || mine.mac === link.address;
      demand(isTrue, `the result says mac ${mine.mac}, it is ${link.address}`);
    },
  },
  {
    name: 'add-addresses',
    says: 'After ADD the container has the addresses and routes of the result.',
    level: 'must',
    source: 'SPEC 5, ADD Success',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      const who = stage.container();
      const { ips = [], interfaces = [], routes = [] } = await stage.add(who);
      demand(ips.length === 1, `the result has ${ips.length} addresses`);
      const { address, interface: of } = ips[0]!;
      demand(address.startsWith(HERE), `the address is ${address}`);
      const name = interfaces[of ?? -1]?.name;
      demand(
        name === who.ifname,
        `the address is of interface ${of}, ${name ?? 'which is not there'}`,
      );
      using rt = stage.open(who.namespace);
      const set = rt.addrs.list({ dev: who.ifname }).map(({ local }) => local);
      demand(set.includes(address), `${address} is not on ${who.ifname}`);
      demand(
        routes.some(({ dst }) => dst === '0.0.0.0/0'),
        'the result has no default route',
      );
      const isRouted = rt.routes.list({ family: 'inet' }).some(({ dst }) => dst === 'default');
      demand(isRouted, 'the container has no default route');
    },
  },
  {
    name: 'both-families',
    says: 'A container gets an IPv4 and an IPv6 address when IPAM gives both.',
    level: 'must',
    source: 'SPEC 5, ADD Success',
    of: 'interface',
    needs: ['host-local', 'ipv6'],
    async run(stage) {
      const { dataDir } = stage;
      const ranges = [[{ subnet: '10.87.0.0/24' }], [{ subnet: 'fd87::/64' }]];
      const who = stage.container();
      const { ips = [] } = await stage.add(
        who,
        stage.config({ ipam: { type: 'host-local', dataDir, ranges } }),
      );
      using rt = stage.open(who.namespace);
      const set = rt.addrs.list({ dev: who.ifname }).map(({ local, address }) => local ?? address);
      demand(ips.length === 2, `the result has ${ips.length} addresses`);
      for (const { address } of ips) demand(set.includes(address), `${address} is not set`);
    },
  },
  {
    name: 'reach',
    says: 'Two containers of one network reach each other by TCP.',
    level: 'should',
    source: 'SPEC 2, Overview',
    of: 'interface',
    plugins: ['bridge', 'ipvlan', 'macvlan'],
    needs: ['host-local'],
    async run(stage) {
      const [server, client] = [stage.container(), stage.container()];
      const { ips = [] } = await stage.add(server);
      await stage.add(client);
      const [address = ''] = (ips[0]?.address ?? '').split('/');
      const failed = await reaches(client.namespace, server.namespace, address);
      demand(failed === undefined, `${address}: ${failed}`);
    },
  },
  {
    name: 'add-name-taken',
    says: 'ADD fails when the container has an interface of that name, which stays as it is.',
    level: 'must',
    source: 'SPEC 2, ADD',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      const who = stage.container();
      using rt = stage.open(who.namespace);
      rt.links.add({ ifname: who.ifname, kind: 'veth' });
      const { index } = rt.links.get(who.ifname);
      await stage.fail('ADD', who);
      demand(rt.links.find(who.ifname)?.index === index, 'the interface was replaced');
    },
  },
  {
    name: 'del-name-taken',
    says: 'DEL after such an ADD does not remove the interface that was there before.',
    level: 'good',
    source: 'compatibility-ipvlan.md, ADD',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      const who = stage.container();
      using rt = stage.open(who.namespace);
      rt.links.add({ ifname: who.ifname, kind: 'veth' });
      await stage.fail('ADD', who);
      await stage.call('DEL', who);
      demand(rt.links.find(who.ifname) !== undefined, 'the interface of somebody else is gone');
    },
  },
  {
    name: 'two-interfaces',
    says: 'A container can be attached twice by two interface names, and DEL removes only its own.',
    level: 'must',
    source: 'SPEC 2, ADD',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      const first = stage.container();
      const second = { ...first, ifname: 'eth1' };
      // Two default routes would be in each other's way.
      const config = stage.config({ ipam: { ...stage.ranges(), routes: [] } });
      const { ips: one = [] } = await stage.add(first, config);
      const { ips: two = [] } = await stage.add(second, config);
      demand(one[0]?.address !== two[0]?.address, 'both interfaces got the same address');
      await stage.succeed('DEL', first, config);
      demand(stage.interfaceOf(first) === undefined, 'the first interface is still there');
      demand(stage.interfaceOf(second) !== undefined, 'the second interface is gone too');
    },
  },
  {
    name: 'add-previous-result',
    says: 'ADD keeps what is in prevResult in its own result.',
    level: 'must',
    source: 'SPEC 2, ADD; 5, ADD Success',
    since: '1.0.0',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      const prevResult = { cniVersion: stage.version, ...PREVIOUS };
      const result = await stage.add(stage.container(), stage.config({ prevResult }));
      const has = (list: Result['interfaces']) => list?.some(({ name }) => name === 'before0');
      demand(has(result.interfaces), 'the interface of prevResult is not in the result');
      const isKept = result.ips?.some(({ address }) => address === '192.0.2.5/24');
      demand(isKept, 'the address of prevResult is not in the result');
    },
  },
  {
    name: 'add-no-namespace',
    says: 'ADD fails when CNI_NETNS is not a network namespace, and leaves nothing behind.',
    level: 'good',
    source: 'compatibility.md, ADD',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      for (const netns of [NOWHERE, '/etc/passwd', '/proc/self/ns/pid'])
        await refusedCleanly(stage, stage.config(), netns);
    },
  },
  {
    name: 'add-own-namespace',
    says: "ADD fails when CNI_NETNS is the host's own namespace, before anything is changed.",
    level: 'good',
    source: 'compatibility.md, Errors',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      await refusedCleanly(stage, stage.config(), stage.host.path);
    },
  },
  {
    name: 'add-wrong-config',
    says: 'ADD with a wrong value in the configuration fails and leaves nothing behind.',
    level: 'good',
    source: 'compatibility.md, ADD',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      await refusedCleanly(stage, stage.config(stage.profile.wrong));
      await refusedCleanly(stage, stage.config({ ipam: 5 }));
    },
  },
  {
    name: 'add-no-address',
    says: 'ADD that gets no address fails and leaves nothing behind.',
    level: 'good',
    source: 'compatibility.md, ADD',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      const config = stage.config({ ipam: stage.oneAddress() });
      await refusedCleanly(stage, stage.config({ ipam: { type: 'not-there' } }));
      await stage.warmUp(config);
      await stage.add(stage.container(), config);
      await refusedCleanly(stage, config);
    },
  },
  {
    name: 'add-then-del',
    says: 'DEL after an ADD that failed leaves the host as it was.',
    level: 'must',
    source: 'SPEC 2, DEL',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      const config = stage.config({ ipam: stage.oneAddress() });
      await stage.warmUp(config);
      await stage.add(stage.container(), config);
      const before = stage.state();
      const who = stage.container();
      const answer = await stage.fail('ADD', who, config);
      demand(answer.json !== undefined, () => `no error object: ${outcome(answer)}`);
      await stage.succeed('DEL', who, config);
      await stage.unchanged(before, 'ADD and DEL');
    },
  },
  {
    name: 'router-advertisements',
    says: 'A container without IPv6 addresses does not listen to router advertisements.',
    level: 'good',
    source: 'security',
    of: 'interface',
    plugins: ['bridge', 'ipvlan'],
    needs: ['host-local', 'ipv6'],
    async run(stage) {
      const who = stage.container();
      await stage.add(who);
      const conf = `net/ipv6/conf/${who.ifname}`;
      const isOff = stage.setting(who.namespace, `${conf}/disable_ipv6`) === '1';
      const ignores = stage.setting(who.namespace, `${conf}/accept_ra`) === '0';
      demand(isOff || ignores, 'any neighbour can give it addresses and a default route');
    },
  },
];
