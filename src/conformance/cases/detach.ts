/** DEL of plugins that make an interface. CNI SPEC 1.1.0, section 2, "DEL". */
import { openNamespace } from '../../netlink/namespace.ts';
import { type Case, demand } from '../case.ts';
import { outcome } from '../execute.ts';
import type { Container, Stage } from '../stage.ts';

/** Demands that the network's only address was freed: somebody else gets it. */
async function isFree(stage: Stage): Promise<void> {
  const config = stage.config({ ipam: stage.oneAddress() });
  const next = stage.container();
  const answer = await stage.call('ADD', next, config);
  demand(answer.code === 0, () => `its address was not freed, the next ADD: ${outcome(answer)}`);
  await stage.succeed('DEL', next, config);
}

/** Attaches a container with the network's only address, on a host that has seen one before. */
async function attachOne(stage: Stage): Promise<{ who: Container; before: string[] }> {
  const config = stage.config({ ipam: stage.oneAddress() });
  await stage.warmUp(config);
  const before = stage.state();
  const who = stage.container();
  await stage.add(who, config);
  return { who, before };
}

const DEL = { source: 'SPEC 2, DEL', of: 'interface', needs: ['host-local'] } as const;

/** A container whose address DEL must free, whatever has become of the rest. */
interface Freed extends Pick<Case, 'name' | 'says' | 'level'> {
  /** What happens after ADD. */
  readonly after: (stage: Stage, who: Container) => void;
  /** CNI_NETNS of DEL, if it is not that of ADD; null: without one. */
  readonly netns?: string | null;
  /** The configuration of DEL, if it is not that of ADD. */
  readonly config?: (stage: Stage) => Record<string, unknown>;
}

const end = (_stage: Stage, who: Container): void => who.end();

const FREED: readonly Freed[] = [
  {
    name: 'del-namespace-gone',
    says: 'DEL succeeds and frees the address when the namespace of the container is gone.',
    level: 'should',
    after: end,
  },
  {
    name: 'del-no-namespace',
    says: 'DEL without CNI_NETNS, the container being gone, succeeds and frees the address.',
    level: 'must',
    after: end,
    netns: null,
  },
  {
    name: 'del-no-namespace-file',
    says: 'DEL with a CNI_NETNS that is now another kind of file succeeds and frees the address.',
    level: 'should',
    after: end,
    netns: '/etc/passwd',
  },
  {
    name: 'del-wrong-config',
    says: 'DEL with a configuration that ADD would refuse frees the address.',
    level: 'should',
    after() {},
    config(stage) {
      const { wrong } = stage.profile;
      const ipam = stage.oneAddress();
      return 'ipam' in wrong ? { ...ipam, ...wrong } : { ...stage.config({ ipam }), ...wrong };
    },
  },
  {
    name: 'del-interface-gone',
    says: 'DEL succeeds when the interface is gone already.',
    level: 'must',
    after(stage, who) {
      using rt = stage.open(who.namespace);
      rt.links.delete(who.ifname);
    },
  },
];

const freed = ({ after, netns, config, ...described }: Freed): Case => ({
  ...described,
  ...DEL,
  async run(stage) {
    const { who } = await attachOne(stage);
    after(stage, who);
    const given = netns === undefined ? who : { ...who, netns: netns ?? undefined };
    const its = config?.(stage) ?? stage.config({ ipam: stage.oneAddress() });
    await stage.succeed('DEL', given as Container, its);
    await isFree(stage);
  },
});

export const detachCases: readonly Case[] = [
  {
    name: 'del',
    says: 'DEL removes the interface and frees the address, and the host is as it was.',
    level: 'must',
    ...DEL,
    async run(stage) {
      const { who, before } = await attachOne(stage);
      await stage.succeed('DEL', who, stage.config({ ipam: stage.oneAddress() }));
      demand(stage.interfaceOf(who) === undefined, 'the interface is still in the container');
      await stage.unchanged(before, 'ADD and DEL');
      await isFree(stage);
    },
  },
  {
    name: 'del-twice',
    says: 'DEL succeeds a second time, and for a container that was never attached.',
    level: 'must',
    ...DEL,
    of: ['interface', 'loopback'],
    async run(stage) {
      const who = stage.container();
      await stage.add(who);
      for (let i = 0; i < 3; i++) await stage.succeed('DEL', who);
      await stage.succeed('DEL', stage.container());
    },
  },
  {
    name: 'del-with-result',
    says: 'DEL with the prevResult of the runtime removes the interface, in each version.',
    level: 'must',
    ...DEL,
    since: '0.4.0',
    async run(stage) {
      for (const cniVersion of stage.subject.versions.filter((each) => each >= '0.4.0')) {
        const [who, config] = [stage.container(), stage.config({ cniVersion })];
        const prevResult = await stage.add(who, config);
        await stage.succeed('DEL', who, { ...config, prevResult });
        demand(stage.interfaceOf(who) === undefined, `${cniVersion}: the interface is still there`);
      }
    },
  },
  {
    name: 'del-without-result',
    says: 'DEL without prevResult removes all of it, in each version of the specification.',
    level: 'should',
    ...DEL,
    async run(stage) {
      await stage.warmUp();
      const before = stage.state();
      for (const cniVersion of stage.subject.versions) {
        const [who, config] = [stage.container(), stage.config({ cniVersion })];
        await stage.add(who, config);
        await stage.succeed('DEL', who, config);
        await stage.unchanged(before, `DEL in version ${cniVersion}`);
      }
    },
  },
  ...FREED.map(freed),
  {
    name: 'del-namespace-lost',
    says: 'DEL removes what ADD made even if the path of a living namespace is gone.',
    level: 'should',
    ...DEL,
    async run(stage) {
      const { who, before } = await attachOne(stage);
      using kept = openNamespace(who.netns);
      who.forget();
      await stage.succeed('DEL', who, stage.config({ ipam: stage.oneAddress() }));
      await stage.unchanged(before, 'DEL');
      const left = stage.interfaceOf({ ...who, namespace: kept });
      demand(left === undefined, 'the interface is still in the container');
    },
  },
  {
    name: 'del-others-stay',
    says: 'DEL of one container leaves the others as they are.',
    level: 'must',
    ...DEL,
    async run(stage) {
      const [first, second] = [stage.container(), stage.container()];
      await stage.add(first);
      const prevResult = await stage.add(second);
      await stage.succeed('DEL', first);
      demand(stage.interfaceOf(second) !== undefined, 'the interface of another one is gone');
      const hasCheck = stage.version >= '0.4.0';
      if (hasCheck) await stage.succeed('CHECK', second, { ...stage.config(), prevResult });
    },
  },
  {
    name: 'del-other-owner',
    says: 'DEL of an unknown container leaves the lease of another one.',
    level: 'must',
    ...DEL,
    async run(stage) {
      const { who } = await attachOne(stage);
      const config = stage.config({ ipam: stage.oneAddress() });
      await stage.succeed(
        'DEL',
        { ...who, containerId: 'unknown', netns: undefined } as never,
        config,
      );
      const answer = await stage.call('ADD', stage.container(), config);
      demand(answer.code !== 0, 'the address was given to somebody else');
    },
  },
];
