/** IPAM plugins: host-local and static. CNI SPEC 1.1.0, section 5, "Delegated plugins (IPAM)". */
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, demand } from '../case.ts';
import { outcome } from '../execute.ts';
import type { Json } from '../profiles.ts';
import { NETWORK, type Stage, SUBNET } from '../stage.ts';
import { shapeOf } from './attach.ts';

const hostLocal = { of: 'ipam', plugins: ['host-local'] } as const;
const fixed = { of: 'ipam', plugins: ['static'] } as const;

/** Ranges that cannot be right. */
const WRONG: Readonly<Record<string, Json>> = {
  'no subnet': {},
  'a subnet that is none': { subnet: 'here' },
  'host bits in the subnet': { subnet: '10.87.0.5/24' },
  'a start outside of the subnet': { subnet: SUBNET, rangeStart: '10.88.0.5' },
  'an end outside of the subnet': { subnet: SUBNET, rangeEnd: '10.88.0.5' },
  'a start behind the end': { subnet: SUBNET, rangeStart: '10.87.0.9', rangeEnd: '10.87.0.5' },
  'a gateway outside of the subnet': { subnet: SUBNET, gateway: '10.88.0.1' },
  'a gateway of the other family': { subnet: SUBNET, gateway: 'fd87::1' },
};

const withRanges = (stage: Stage, ranges: unknown): Json =>
  stage.config({ ipam: { type: 'host-local', dataDir: stage.dataDir, ranges } });

export const addressCases: readonly Case[] = [
  {
    of: 'ipam',
    name: 'ipam-versions',
    says: 'ADD answers in the shape of each version that the plugin supports, without interfaces.',
    level: 'must',
    source: 'SPEC 5, Delegated plugins (IPAM)',
    async run(stage) {
      for (const cniVersion of stage.subject.versions) {
        const [who, config] = [stage.container(), stage.config({ cniVersion })];
        const result = await stage.add(who, config);
        shapeOf(result, cniVersion, false);
        const hasIndex = (result.ips ?? []).some((each) => 'interface' in each);
        demand(!hasIndex, `the result for ${cniVersion} has an interface in an address`);
        const { stdout } = await stage.succeed('DEL', who, config);
        demand(stdout === '', `DEL printed ${stdout}`);
      }
    },
  },
  {
    of: 'ipam',
    name: 'ipam-del',
    says: 'DEL succeeds a second time, for an unknown container, and without a namespace.',
    level: 'must',
    source: 'SPEC 2, DEL',
    async run(stage) {
      const who = stage.container();
      await stage.add(who);
      for (let i = 0; i < 2; i++) await stage.succeed('DEL', who);
      await stage.succeed('DEL', stage.container());
      await stage.succeed('DEL', { ...who, netns: undefined } as never);
    },
  },
  {
    of: 'ipam',
    name: 'ipam-check',
    says: 'CHECK succeeds after ADD.',
    level: 'must',
    source: 'SPEC 2, CHECK',
    since: '0.4.0',
    async run(stage) {
      const who = stage.container();
      const prevResult = await stage.add(who);
      await stage.succeed('CHECK', who, { ...stage.config(), prevResult });
    },
  },
  {
    ...hostLocal,
    name: 'ipam-lease-gone',
    says: 'CHECK fails when the address is not reserved.',
    level: 'should',
    source: 'SPEC 2, CHECK',
    since: '0.4.0',
    async run(stage) {
      const who = stage.container();
      const prevResult = await stage.add(who);
      await stage.succeed('DEL', who);
      await stage.fail('CHECK', who, { ...stage.config(), prevResult });
    },
  },
  {
    ...hostLocal,
    name: 'ipam-distinct',
    says: 'Each container gets its own address of the range, and none gets the gateway.',
    level: 'must',
    source: 'SPEC 4, Plugin Delegation',
    async run(stage) {
      const config = stage.config({ ipam: stage.ranges({ rangeEnd: '10.87.0.5' }) });
      const given = new Set<string>();
      for (let i = 0; i < 4; i++) {
        const { ips = [] } = await stage.add(stage.container(), config);
        given.add(ips[0]!.address);
        demand(ips[0]!.gateway === '10.87.0.1', `the gateway is ${ips[0]!.gateway}`);
      }
      const expected = ['2', '3', '4', '5'].map((last) => `10.87.0.${last}/24`);
      demand(
        expected.every((each) => given.has(each)),
        `they got ${[...given].join(', ')}`,
      );
      await stage.fail('ADD', stage.container(), config);
    },
  },
  {
    ...hostLocal,
    name: 'ipam-freed',
    says: 'An address that DEL has freed is assigned again.',
    level: 'must',
    source: 'SPEC 2, DEL',
    async run(stage) {
      const config = stage.config({ ipam: stage.oneAddress() });
      for (let i = 0; i < 3; i++) {
        const who = stage.container();
        await stage.add(who, config);
        await stage.succeed('DEL', who, config);
      }
    },
  },
  {
    ...hostLocal,
    name: 'ipam-requested',
    says: 'A container gets the address that CNI_ARGS ask for, and nobody else does.',
    level: 'good',
    source: 'host-local.md, Requests',
    async run(stage) {
      const call = { args: 'IP=10.87.0.77' };
      const { ips = [] } = await stage.add(stage.container(), undefined, call);
      demand(ips[0]?.address === '10.87.0.77/24', `it got ${ips[0]?.address}`);
      await stage.fail('ADD', stage.container(), undefined, call);
      await stage.fail('ADD', stage.container(), undefined, { args: 'IP=10.99.0.1' });
    },
  },
  {
    ...hostLocal,
    name: 'ipam-range-sets',
    says: 'A container gets one address of each range set.',
    level: 'good',
    source: 'host-local.md, Keys',
    async run(stage) {
      const config = withRanges(stage, [[{ subnet: SUBNET }], [{ subnet: 'fd87::/64' }]]);
      const { ips = [] } = await stage.add(stage.container(), config);
      const got = ips.map(({ address }) => address).join(', ');
      demand(got === '10.87.0.2/24, fd87::2/64', `it got ${got}`);
    },
  },
  {
    ...hostLocal,
    name: 'ipam-wrong-ranges',
    says: 'Impossible ranges are refused, and no lease is written.',
    level: 'should',
    source: 'SPEC 5, Error',
    async run(stage) {
      for (const [what, range] of Object.entries(WRONG)) {
        const answer = await stage.call('ADD', stage.container(), withRanges(stage, [[range]]));
        demand(answer.code !== 0, `${what} was accepted`);
      }
      const overlapping = [[{ subnet: SUBNET }, { subnet: '10.87.0.0/25' }]];
      const answer = await stage.call('ADD', stage.container(), withRanges(stage, overlapping));
      demand(answer.code !== 0, 'ranges that overlap were accepted');
      demand(leases(stage).length === 0, () => `there are ${leases(stage).join(', ')}`);
    },
  },
  {
    ...hostLocal,
    name: 'ipam-error-code',
    says: 'Wrong ranges are refused with code 7.',
    level: 'should',
    source: 'SPEC 5, Error',
    async run(stage) {
      const answer = await stage.fail(
        'ADD',
        stage.container(),
        withRanges(stage, [[{ subnet: 'x' }]]),
      );
      const { code } = (answer.json ?? {}) as Json;
      demand(code === 7, `the code is ${String(code)}`);
    },
  },
  {
    ...hostLocal,
    name: 'ipam-del-wrong-ranges',
    says: 'DEL frees the address even if the ranges are wrong by now.',
    level: 'should',
    source: 'SPEC 2, DEL',
    async run(stage) {
      const ipam = stage.oneAddress();
      const who = stage.container();
      await stage.add(who, stage.config({ ipam }));
      await stage.succeed(
        'DEL',
        who,
        withRanges(stage, [[{ subnet: SUBNET, gateway: 'fd87::1' }]]),
      );
      const answer = await stage.call('ADD', stage.container(), stage.config({ ipam }));
      demand(answer.code === 0, () => `it was not freed: ${outcome(answer)}`);
    },
  },
  {
    ...hostLocal,
    name: 'ipam-two-sets-exhausted',
    says: 'ADD that gets an address of the first range set and none of the second frees the first.',
    level: 'good',
    source: 'SPEC 2, ADD',
    async run(stage) {
      const one = (start: string) => [{ subnet: SUBNET, rangeStart: start, rangeEnd: start }];
      const both = withRanges(stage, [one('10.87.0.7'), one('10.87.0.8')]);
      await stage.add(stage.container(), withRanges(stage, [one('10.87.0.8')]));
      await stage.fail('ADD', stage.container(), both);
      const answer = await stage.call(
        'ADD',
        stage.container(),
        withRanges(stage, [one('10.87.0.7')]),
      );
      demand(answer.code === 0, () => `10.87.0.7 was not freed: ${outcome(answer)}`);
    },
  },
  {
    ...hostLocal,
    name: 'ipam-crashed',
    says: 'An empty lease, as a crash leaves it, does not take its address out of the range for good.',
    level: 'good',
    source: 'compatibility.md, ADD',
    async run(stage) {
      const folder = join(stage.dataDir, NETWORK);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, '10.87.0.7'), '');
      await stage.add(stage.container(), stage.config({ ipam: stage.oneAddress() }));
    },
  },
  {
    ...hostLocal,
    name: 'ipam-planted-link',
    says: 'A symbolic link in a folder that anybody may write to does not redirect leases.',
    level: 'good',
    source: 'host-local.md, Files',
    async run(stage) {
      const target = join(stage.folder, 'elsewhere');
      mkdirSync(target);
      mkdirSync(stage.dataDir);
      chmodSync(stage.dataDir, 0o777);
      symlinkSync(target, join(stage.dataDir, NETWORK));
      await stage.call('ADD', stage.container());
      const written = readdirSync(target);
      demand(written.length === 0, `root wrote ${written.join(', ')} where the link leads`);
    },
  },
  {
    ...hostLocal,
    name: 'gc-foreign-files',
    says: 'GC leaves files that are not leases.',
    level: 'good',
    source: 'compatibility.md, STATUS and GC',
    since: '1.1.0',
    async run(stage) {
      await stage.add(stage.container());
      const note = join(stage.dataDir, NETWORK, 'README');
      writeFileSync(note, 'of the administrator');
      await stage.succeed('GC', {}, stage.config({ 'cni.dev/valid-attachments': [] }));
      demand(existsSync(note), 'a file of the administrator is gone');
    },
  },
  {
    ...fixed,
    name: 'static',
    says: 'ADD answers with the addresses, routes and name servers of the configuration.',
    level: 'must',
    source: 'SPEC 5, Delegated plugins (IPAM)',
    async run(stage) {
      const addresses = [
        { address: '10.87.0.9/24', gateway: '10.87.0.1' },
        { address: 'fd87::9/64', gateway: 'fd87::1' },
      ];
      const routes = [{ dst: '0.0.0.0/0' }, { dst: '198.51.100.0/24', gw: '10.87.0.5' }];
      const dns = { nameservers: ['10.87.0.53'] };
      const config = stage.config({ ipam: { type: 'static', addresses, routes, dns } });
      const result = (await stage.add(stage.container(), config)) as unknown as Json;
      for (const [key, wanted] of Object.entries({ ips: addresses, routes, dns })) {
        const strip = (list: unknown): string =>
          JSON.stringify(list, (name, value: unknown) => (name === 'version' ? undefined : value));
        const [got, due] = [strip(result[key]), JSON.stringify(wanted)];
        const isSame = got.length === due.length && sorted(got) === sorted(due);
        demand(isSame, `${key} are ${got}`);
      }
    },
  },
  {
    ...fixed,
    name: 'static-args',
    says: 'ADD adds the addresses of CNI_ARGS, and runtimeConfig.ips replace all others.',
    level: 'good',
    source: 'conventions, ips',
    async run(stage) {
      const who = stage.container();
      const args = 'IP=10.87.0.77/24;GATEWAY=10.87.0.1';
      const { ips = [] } = await stage.add(who, undefined, { args });
      const has = ips.some(
        (each) => each.address === '10.87.0.77/24' && each.gateway === '10.87.0.1',
      );
      demand(has, `the addresses are ${JSON.stringify(ips)}`);
      const runtimeConfig = { ips: ['10.87.0.88/24'] };
      const { ips: replaced = [] } = await stage.add(who, stage.config({ runtimeConfig }));
      const isOne = replaced.length === 1 && replaced[0]!.address === '10.87.0.88/24';
      demand(isOne, `with runtimeConfig they are ${JSON.stringify(replaced)}`);
    },
  },
  {
    ...fixed,
    name: 'static-wrong',
    says: 'Addresses that cannot be read are refused.',
    level: 'must',
    source: 'SPEC 5, Error',
    async run(stage) {
      for (const address of ['here', '10.87.0.9', '10.87.0.9/33', '']) {
        const ipam = { type: 'static', addresses: [{ address }] };
        await stage.fail('ADD', stage.container(), stage.config({ ipam }));
      }
    },
  },
];

/** JSON objects have no order of keys. */
const sorted = (text: string): string => text.split('').sort().join('');

const leases = (stage: Stage): string[] =>
  existsSync(join(stage.dataDir, NETWORK))
    ? readdirSync(join(stage.dataDir, NETWORK)).filter((name) => /^[0-9a-f.:]+$/.test(name))
    : [];
