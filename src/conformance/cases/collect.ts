/** STATUS and GC. CNI SPEC 1.1.0, section 2. */
import { type Case, demand } from '../case.ts';
import { outcome } from '../execute.ts';
import type { Json } from '../profiles.ts';
import type { Attachment, Stage } from '../stage.ts';

const about = { since: '1.1.0', needs: ['host-local'] } as const;

const listing = (stage: Stage, valid: readonly Attachment[], keys: Json = {}): Json =>
  stage.config({
    ...keys,
    'cni.dev/valid-attachments': valid.map(({ containerId, ifname }) => ({
      containerID: containerId,
      ifname,
    })),
  });

/** GC keeps what may be younger than its process: what has just been made has to grow older. */
const older = (): Promise<void> => new Promise((done) => setTimeout(done, 50));

export const collectCases: readonly Case[] = [
  {
    ...about,
    name: 'status',
    says: 'STATUS succeeds when an ADD would, before the first one and after it.',
    level: 'must',
    source: 'SPEC 2, STATUS',
    of: ['interface', 'ipam', 'loopback'],
    async run(stage) {
      await stage.succeed('STATUS', {});
      await stage.add(stage.container());
      await stage.succeed('STATUS', {});
    },
  },
  {
    ...about,
    name: 'status-exhausted',
    says: 'STATUS fails when all addresses are in use.',
    level: 'should',
    source: 'SPEC 2, STATUS',
    of: ['interface', 'ipam'],
    plugins: ['bridge', 'ipvlan', 'macvlan', 'ptp', 'host-local'],
    async run(stage) {
      const config = stage.config({ ipam: stage.oneAddress() });
      await stage.add(stage.container(), config);
      await stage.fail('STATUS', {}, config);
    },
  },
  {
    ...about,
    name: 'status-impossible',
    says: 'STATUS fails when no ADD can succeed until an administrator acts.',
    level: 'should',
    source: 'SPEC 2, STATUS',
    of: ['interface', 'ipam'],
    plugins: ['bridge', 'ipvlan', 'macvlan', 'host-local'],
    async run(stage) {
      const config = impossible(stage);
      await stage.fail('ADD', stage.container(), config);
      await stage.fail('STATUS', {}, config);
    },
  },
  {
    ...about,
    name: 'gc-frees',
    says: 'GC frees the addresses of attachments that are not listed, and prints nothing.',
    level: 'should',
    source: 'SPEC 2, GC',
    of: ['interface', 'ipam'],
    plugins: ['bridge', 'ipvlan', 'macvlan', 'ptp', 'host-local'],
    async run(stage) {
      const ipam = stage.oneAddress();
      await stage.add(stage.container(), stage.config({ ipam }));
      await older();
      const { stdout } = await stage.succeed('GC', {}, listing(stage, [], { ipam }));
      demand(stdout === '', `it printed ${stdout}`);
      const answer = await stage.call('ADD', stage.container(), stage.config({ ipam }));
      demand(
        answer.code === 0,
        () => `the address was not freed, the next ADD: ${outcome(answer)}`,
      );
    },
  },
  {
    ...about,
    name: 'gc-keeps',
    says: 'GC leaves the attachments that are listed as they are.',
    level: 'must',
    source: 'SPEC 2, GC',
    of: ['interface', 'ipam'],
    plugins: ['bridge', 'ipvlan', 'macvlan', 'ptp', 'host-local'],
    async run(stage) {
      const [kept, stale] = [stage.container(), stage.container()];
      const prevResult = await stage.add(kept);
      await stage.add(stale);
      await older();
      await stage.succeed('GC', {}, listing(stage, [kept]));
      await stage.succeed('CHECK', kept, { ...stage.config(), prevResult });
    },
  },
  {
    ...about,
    name: 'gc-links',
    says: 'GC removes the interfaces of attachments that are not listed.',
    level: 'should',
    source: 'SPEC 2, GC',
    of: 'interface',
    async run(stage) {
      await stage.warmUp();
      const before = stage.state();
      const stale = stage.container();
      await stage.add(stale);
      await older();
      await stage.succeed('GC', {}, listing(stage, []));
      await stage.unchanged(before, 'GC');
      demand(stage.interfaceOf(stale) === undefined, 'the interface is still in the container');
    },
  },
  {
    ...about,
    name: 'gc-no-list',
    says: 'GC without a list of attachments frees nothing.',
    level: 'good',
    source: 'compatibility.md, STATUS and GC',
    of: ['interface', 'ipam'],
    plugins: ['bridge', 'ipvlan', 'host-local'],
    async run(stage) {
      const who = stage.container();
      const prevResult = await stage.add(who);
      await older();
      await stage.call('GC', {});
      await stage.succeed('CHECK', who, { ...stage.config(), prevResult });
    },
  },
];

/** A configuration that is right in itself, on a host where it cannot work. */
function impossible(stage: Stage): Json {
  const { name } = stage.profile;
  if (name === 'host-local')
    return stage.config({ ipam: stage.ranges({ rangeStart: '10.87.0.1', rangeEnd: '10.87.0.1' }) });
  if (name !== 'bridge') return stage.config({ master: 'not-there0' });
  using rt = stage.open();
  rt.links.add({ ifname: 'taken0', kind: 'veth' });
  return stage.config({ bridge: 'taken0' });
}
