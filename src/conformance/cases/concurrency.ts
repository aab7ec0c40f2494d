/** Calls at once, which a runtime may make for different containers. CNI SPEC 1.1.0, section 3. */
import { type Case, demand } from '../case.ts';
import { type Answer, outcome } from '../execute.ts';
import type { Result } from '../stage.ts';

const MANY = 16;

function allSucceed(command: string, answers: readonly Answer[]): void {
  const bad = answers.filter(({ code }) => code !== 0);
  demand(
    bad.length === 0,
    () => `${bad.length} of ${answers.length}: ${command}: ${outcome(bad[0]!)}`,
  );
}

const addressesOf = (answers: readonly Answer[]): string[] =>
  answers.flatMap(({ json }) => (json as Result).ips?.map(({ address }) => address) ?? []);

export const concurrencyCases: readonly Case[] = [
  {
    name: 'at-once',
    says: `${MANY} containers attached at once get different addresses; detached at once, the host is as it was.`,
    level: 'must',
    source: 'SPEC 3, Lifecycle & Ordering',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      await stage.warmUp();
      const before = stage.state();
      const all = Array.from({ length: MANY }, () => stage.container());
      const added = await Promise.all(all.map((who) => stage.call('ADD', who)));
      allSucceed('ADD', added);
      const { size } = new Set(addressesOf(added));
      demand(size === MANY, `they got ${size} different addresses`);
      allSucceed('DEL', await Promise.all(all.map((who) => stage.call('DEL', who))));
      await stage.unchanged(before, 'all of them');
    },
  },
  {
    name: 'first-at-once',
    says: `The first ${MANY} containers of a network can be attached at once.`,
    level: 'must',
    source: 'SPEC 3, Lifecycle & Ordering',
    of: ['interface', 'ipam'],
    plugins: ['bridge', 'ipvlan', 'macvlan', 'ptp', 'host-local'],
    needs: ['host-local'],
    async run(stage) {
      const all = Array.from({ length: MANY }, () => stage.container());
      const added = await Promise.all(all.map((who) => stage.call('ADD', who)));
      allSucceed('ADD', added);
      const { size } = new Set(addressesOf(added));
      demand(size === MANY, `they got ${size} different addresses`);
    },
  },
  {
    name: 'add-beside-del',
    says: 'Containers can be attached while others are being detached.',
    level: 'must',
    source: 'SPEC 3, Lifecycle & Ordering',
    of: 'interface',
    needs: ['host-local'],
    async run(stage) {
      const of = () => Array.from({ length: MANY / 2 }, () => stage.container());
      const [old, fresh] = [of(), of()];
      for (const who of old) await stage.add(who);
      const dels = old.map((who) => stage.call('DEL', who));
      const adds = fresh.map((who) => stage.call('ADD', who));
      allSucceed('DEL', await Promise.all(dels));
      allSucceed('ADD', await Promise.all(adds));
      for (const who of fresh) demand(stage.interfaceOf(who) !== undefined, 'an interface is gone');
    },
  },
];
