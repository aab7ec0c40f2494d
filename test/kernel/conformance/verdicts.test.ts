/**
 * The cases of `netlink-ts conformance` on our executables, which meet all but those that
 * docs/conformance.md names, and on others' plugins, whose verdicts there are checked by hand.
 */
import { existsSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { cellKey, PLUGINS, readPage, SETS, type SetName } from '../../../scripts/conformance.ts';
import { type Case, concerns } from '../../../src/conformance/case.ts';
import { CASES } from '../../../src/conformance/cases/index.ts';
import { concurrencyCases } from '../../../src/conformance/cases/concurrency.ts';
import { profileOf } from '../../../src/conformance/profiles.ts';
import { judge, subjectOf, type Verdict } from '../../../src/conformance/run.ts';
import type { Subject } from '../../../src/conformance/stage.ts';
import { PATIENCE } from '../../harness/eventually.ts';
import type { Feature } from '../../harness/features.ts';
import { needs } from '../../harness/needs.ts';
import { ourPlugin } from '../../harness/plugin.ts';

const page = readPage();
const WORDS = { met: 'yes', unmet: 'no', skipped: '–' } as const;
const subjects = new Map<string, Promise<Subject>>();

/** How long a case waits for the kernel: not at all for what is known to stay. */
const LINGERS = 300;

async function tried(set: SetName, plugin: string, each: Case): Promise<Verdict> {
  if (set === 'ours') ourPlugin(plugin);
  const expected = page.get(cellKey(set, plugin, each.name));
  const patience = expected === 'no' ? LINGERS : PATIENCE;
  const key = `${set} ${plugin} ${patience}`;
  const subject =
    subjects.get(key) ?? subjectOf(SETS[set], plugin, { timeout: PATIENCE, patience });
  subjects.set(key, subject);
  return judge(each, await subject);
}

const casesOf = (plugin: string): readonly Case[] =>
  CASES.filter((each) => concerns(each, profileOf(plugin)));

function featuresOf(plugin: string, { of, needs = [] }: Case): Feature[] {
  return [
    ...(of !== 'any' && plugin === 'ipvlan' ? (['ipvlan'] as const) : []),
    ...(of !== 'any' && plugin === 'bridge' ? (['bridge', 'veth'] as const) : []),
    ...(needs.includes('nf_tables') ? (['nftables-inet'] as const) : []),
    ...(needs.includes('ipv6') ? (['ipv6'] as const) : []),
  ];
}

for (const plugin of PLUGINS) {
  for (const each of casesOf(plugin)) {
    needs(...featuresOf(plugin, each)).serial(`conformance: ${plugin}: ${each.name}`, async (t) => {
      const { state, reason } = await tried('ours', plugin, each);
      t.is(WORDS[state], page.get(cellKey('ours', plugin, each.name)) as 'yes', reason);
    });
  }
}

/**
 * What depends on a schedule is left out: others may lose a race only now and then. ipvlan of
 * others, in the slower kernel, is tried when the page is written.
 */
const OTHERS = PLUGINS.filter((plugin) => plugin !== 'ipvlan');

async function asOnThePage(t: ExecutionContext, set: SetName, plugin: string): Promise<void> {
  t.timeout(900_000);
  const [found, expected]: [string[], string[]] = [[], []];
  for (const each of casesOf(plugin).filter((each) => !concurrencyCases.includes(each))) {
    const { state, reason = '' } = await tried(set, plugin, each);
    const cell = page.get(cellKey(set, plugin, each.name));
    if (state === 'skipped' && reason.startsWith('the kernel')) continue;
    found.push(`${each.name}: ${WORDS[state]}`);
    expected.push(`${each.name}: ${cell}`);
    if (WORDS[state] !== cell) t.log(`${each.name}: ${reason}`);
  }
  t.deepEqual(found, expected);
}

for (const set of ['reference 1.10.0', 'Debian 1.1.1'] as const) {
  for (const plugin of OTHERS) {
    const declare = plugin === 'bridge' ? needs('bridge', 'veth', 'nftables-inet') : test;
    declare.serial(
      `conformance: the verdicts on ${plugin} of ${set} are those of the page`,
      (t) => {
        t.true(existsSync(SETS[set]), `${SETS[set]} is missing`);
        return asOnThePage(t, set, plugin);
      },
    );
  }
}
