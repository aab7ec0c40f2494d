/** What only bridge, or only ipvlan, has to do. */
import { type Case, demand } from '../case.ts';
import type { Json } from '../profiles.ts';
import { BRIDGE, UPLINK } from '../profiles.ts';
import type { Container, Stage } from '../stage.ts';

const bridge = { of: 'interface', plugins: ['bridge'], needs: ['host-local'] } as const;
const ipvlan = { of: 'interface', plugins: ['ipvlan'], needs: ['host-local'] } as const;

/** Lines of a state that masquerade is made of. */
const RULES = /^(nft rule|chain|element)/;

/** The port of the bridge that an attachment is connected by. */
function portsOf(stage: Stage) {
  using rt = stage.open();
  const { index } = rt.links.get(BRIDGE);
  return rt.links.list().filter(({ master }) => master === index);
}

/** ADD with each of these configurations fails, and nothing is left of it. */
async function refuses(stage: Stage, wrong: readonly Json[]): Promise<void> {
  const before = stage.state();
  for (const keys of wrong) {
    const { code } = await stage.call('ADD', stage.container(), stage.config(keys));
    demand(code !== 0, `${JSON.stringify(keys)} was accepted`);
    await stage.unchanged(before, JSON.stringify(keys));
  }
}

const modeOf = (stage: Stage, who: Container): unknown => {
  const link = stage.interfaceOf(who);
  return link?.kind === 'ipvlan' ? link.data?.mode : undefined;
};

export const linkCases: readonly Case[] = [
  {
    ...bridge,
    name: 'bridge-gateway',
    says: 'With isGateway the bridge has the address of the gateway, and the host forwards.',
    level: 'good',
    source: 'plugin documentation of bridge',
    async run(stage) {
      await stage.add(stage.container());
      using rt = stage.open();
      const set = rt.addrs.list({ dev: BRIDGE }).map(({ local }) => local);
      demand(set.includes('10.87.0.1/24'), `the addresses of the bridge are ${set.join(', ')}`);
      const isOn = stage.setting(stage.host, 'net/ipv4/ip_forward') === '1';
      demand(isOn, 'net.ipv4.ip_forward is 0');
    },
  },
  {
    ...bridge,
    name: 'bridge-gateway-gone',
    says: 'CHECK fails when the bridge has lost the address of the gateway.',
    level: 'good',
    source: 'compatibility.md, CHECK',
    since: '0.4.0',
    async run(stage) {
      const who = stage.container();
      const prevResult = await stage.add(who);
      {
        using rt = stage.open();
        rt.addrs.delete({ dev: BRIDGE, local: '10.87.0.1/24' });
      }
      await stage.fail('CHECK', who, { ...stage.config(), prevResult });
    },
  },
  {
    ...bridge,
    name: 'bridge-masquerade',
    says: 'With ipMasq rules are made, and DEL removes those of its container, even without a namespace.',
    level: 'should',
    source: 'SPEC 2, DEL',
    needs: ['host-local', 'nf_tables'],
    async run(stage) {
      const config = stage.config({ ipMasq: true });
      await stage.warmUp(config);
      const before = stage.state();
      const who = stage.container();
      await stage.add(who, config);
      const isMade = stage.state().some((each) => RULES.test(each) && !before.includes(each));
      demand(isMade, 'no rule was made');
      await stage.succeed('DEL', { ...who, netns: undefined } as never, config);
      await stage.unchanged(before, 'DEL', RULES);
    },
  },
  {
    ...bridge,
    name: 'bridge-masquerade-changed',
    says: 'DEL removes the rules even if ipMasq is no longer in the configuration.',
    level: 'good',
    source: 'compatibility.md, DEL',
    needs: ['host-local', 'nf_tables'],
    async run(stage) {
      await stage.warmUp(stage.config({ ipMasq: true }));
      const before = stage.state();
      const who = stage.container();
      await stage.add(who, stage.config({ ipMasq: true }));
      await stage.succeed('DEL', who);
      await stage.unchanged(before, 'DEL', RULES);
    },
  },
  {
    ...bridge,
    name: 'bridge-mac',
    says: 'The container has the MAC address that runtimeConfig asks for.',
    level: 'good',
    source: 'conventions, mac',
    async run(stage) {
      const mac = '02:00:00:00:00:77';
      const who = stage.container();
      const capabilities = { mac: true };
      await stage.add(who, stage.config({ capabilities, runtimeConfig: { mac } }));
      const { address } = stage.interfaceOf(who) ?? {};
      demand(address === mac, `its address is ${address}`);
    },
  },
  {
    ...bridge,
    name: 'bridge-mtu',
    says: 'Both ends have the mtu of the configuration.',
    level: 'good',
    source: 'plugin documentation of bridge',
    async run(stage) {
      const who = stage.container();
      await stage.add(who, stage.config({ mtu: 1234 }));
      const all = [stage.interfaceOf(who), ...portsOf(stage)].map((link) => link?.mtu);
      demand(all.length === 2 && all.every((mtu) => mtu === 1234), `they have ${all.join(', ')}`);
    },
  },
  {
    ...bridge,
    name: 'bridge-taken',
    says: 'A link of another kind with the name of the bridge is refused and stays as it is.',
    level: 'good',
    source: 'compatibility.md, STATUS and GC',
    async run(stage) {
      using rt = stage.open();
      rt.links.add({ ifname: 'taken0', kind: 'veth' });
      await refuses(stage, [{ bridge: 'taken0' }]);
    },
  },
  {
    ...bridge,
    name: 'bridge-wrong-values',
    says: 'Impossible values are refused, and nothing is left behind.',
    level: 'good',
    source: 'compatibility.md, ADD',
    run: (stage) =>
      refuses(stage, [
        { vlan: 5000 },
        { vlan: -1 },
        { mtu: 60 },
        { mtu: 70_000 },
        { isGateway: 'yes' },
        { bridge: 'much-too-long-for-a-name' },
        { bridge: 'br%d' },
        { vlanTrunk: [{ minID: 9, maxID: 5 }] },
        { hairpinMode: true, promiscMode: true },
      ]),
  },
  {
    ...bridge,
    name: 'bridge-hairpin',
    says: 'With hairpinMode the port of the container is in hairpin mode, and CHECK notices if it is not.',
    level: 'good',
    source: 'compatibility.md, CHECK',
    since: '0.4.0',
    async run(stage) {
      const [who, config] = [stage.container(), stage.config({ hairpinMode: true })];
      const prevResult = await stage.add(who, config);
      const [port] = portsOf(stage);
      const isOn = port?.slaveKind === 'bridge' && port.slaveData?.mode === true;
      demand(isOn, 'the port is not in hairpin mode');
      await stage.succeed('CHECK', who, { ...config, prevResult });
      {
        using rt = stage.open();
        rt.links.set(port.index, { slaveKind: 'bridge', slaveData: { mode: false } });
      }
      await stage.fail('CHECK', who, { ...config, prevResult });
    },
  },
  {
    ...ipvlan,
    name: 'ipvlan-modes',
    says: 'The interface has the mode of the configuration: l2, l3 or l3s.',
    level: 'good',
    source: 'plugin documentation of ipvlan',
    async run(stage) {
      for (const mode of ['l2', 'l3', 'l3s']) {
        const [who, config] = [stage.container(), stage.config({ mode })];
        await stage.add(who, config);
        demand(modeOf(stage, who) === mode, `${mode}: it is in mode ${String(modeOf(stage, who))}`);
        await stage.succeed('DEL', who, config);
      }
    },
  },
  {
    ...ipvlan,
    name: 'ipvlan-others',
    says: 'A second network with another mode on the same master does not switch the first one.',
    level: 'good',
    source: 'compatibility-ipvlan.md, ADD',
    async run(stage) {
      const first = stage.container();
      await stage.add(first, stage.config({ mode: 'l2' }));
      await stage.call('ADD', stage.container(), stage.config({ name: 'second', mode: 'l3' }));
      demand(
        modeOf(stage, first) === 'l2',
        `the first one is in mode ${String(modeOf(stage, first))} now`,
      );
    },
  },
  {
    ...ipvlan,
    name: 'ipvlan-wrong-values',
    says: 'Impossible values are refused, and nothing is left behind.',
    level: 'good',
    source: 'compatibility-ipvlan.md, ADD',
    run: (stage) =>
      refuses(stage, [
        { mode: 'l9' },
        { master: 'not-there0' },
        { mtu: 'wide' },
        { master: UPLINK, mtu: 70_000 },
      ]),
  },
];
