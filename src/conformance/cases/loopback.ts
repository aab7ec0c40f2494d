/** The plugin loopback. */
import { type Case, demand } from '../case.ts';
import type { Container, Stage } from '../stage.ts';
import { shapeOf } from './attach.ts';

const about = { of: 'loopback' } as const;

function isUp(stage: Stage, { namespace }: Container): boolean {
  using rt = stage.open(namespace);
  return rt.links.get('lo').flags.includes('up');
}

export const loopbackCases: readonly Case[] = [
  {
    ...about,
    name: 'loopback',
    says: 'ADD sets lo up, DEL sets it down, in each version of the specification.',
    level: 'must',
    source: 'SPEC 2, ADD and DEL',
    async run(stage) {
      for (const cniVersion of stage.subject.versions) {
        const [who, config] = [stage.container(), stage.config({ cniVersion })];
        await stage.add(who, config);
        demand(isUp(stage, who), `${cniVersion}: lo is down after ADD`);
        const { stdout } = await stage.succeed('DEL', who, config);
        demand(stdout === '', `DEL printed ${stdout}`);
        demand(!isUp(stage, who), `${cniVersion}: lo is up after DEL`);
      }
    },
  },
  {
    ...about,
    name: 'loopback-versions',
    says: 'ADD answers in the shape of each version that the plugin supports.',
    level: 'must',
    source: 'SPEC 5, ADD Success',
    needs: ['ipv6'],
    async run(stage) {
      for (const cniVersion of stage.subject.versions)
        shapeOf(await stage.add(stage.container(), stage.config({ cniVersion })), cniVersion, true);
    },
  },
  {
    ...about,
    name: 'loopback-previous-result',
    says: 'ADD passes on the result of the plugins before it.',
    level: 'must',
    source: 'SPEC 5, ADD Success',
    since: '1.0.0',
    async run(stage) {
      const ips = [{ address: '192.0.2.5/24', interface: 0 }];
      const interfaces = [{ name: 'before0', mac: '02:00:00:00:00:05' }];
      const prevResult = { cniVersion: stage.version, interfaces, ips };
      const result = await stage.add(stage.container(), stage.config({ prevResult }));
      const isKept = result.ips?.[0]?.address === '192.0.2.5/24';
      demand(
        isKept && result.interfaces?.[0]?.name === 'before0',
        'prevResult is not in the result',
      );
    },
  },
  {
    ...about,
    name: 'loopback-check',
    says: 'CHECK succeeds after ADD and fails when lo is down.',
    level: 'should',
    source: 'SPEC 2, CHECK',
    since: '0.4.0',
    async run(stage) {
      const who = stage.container();
      const config = { ...stage.config(), prevResult: await stage.add(who) };
      await stage.succeed('CHECK', who, config);
      {
        using rt = stage.open(who.namespace);
        rt.links.down('lo');
      }
      await stage.fail('CHECK', who, config);
    },
  },
  {
    ...about,
    name: 'loopback-namespace-gone',
    says: 'DEL succeeds when the namespace is gone, not given, or another kind of file.',
    level: 'should',
    source: 'SPEC 2, DEL',
    async run(stage) {
      for (const netns of ['/run/netns/nobody-is-here', undefined, '/etc/passwd'])
        await stage.succeed('DEL', { ...stage.container(), netns } as never);
    },
  },
  {
    ...about,
    name: 'loopback-refused',
    says: 'ADD fails when lo has an address that does not belong there, and leaves lo down.',
    level: 'good',
    source: 'compatibility-ipvlan.md, loopback',
    async run(stage) {
      const who = stage.container();
      {
        using rt = stage.open(who.namespace);
        rt.addrs.add({ dev: 'lo', local: '192.0.2.5/32' });
      }
      await stage.fail('ADD', who);
      demand(!isUp(stage, who), 'lo is up');
    },
  },
];
