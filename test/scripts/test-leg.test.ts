/**
 * What `npm test` makes of a program that prints TAP: each failure at once, and no end without a
 * reason.
 */
import test from 'ava';
import { runChild } from '../../scripts/child.ts';
import { readTap, type TestResult } from '../../scripts/tap.ts';
import { runFailedAgain, runLeg } from '../../scripts/test-leg.ts';

/** Seconds that no program here needs. */
const PATIENCE = 120;

const OUTPUT = `TAP version 13
# skipped for want of ipvlan: kernel › a
# running kernel › b
ok 1 - kernel › a # SKIP
ok 2 - kernel › b
# kernel › b › after.always hook
not ok 3 - kernel › c
#   it logs
  ---
    message: no
  ...
#   a test may say something
not ok 4 - kernel › d

1..4
`;

test('tap: a result is reported as soon as all of it has been read, wherever the output is cut', (t) => {
  for (const size of [1, 7, OUTPUT.length]) {
    const told: TestResult[] = [];
    const tap = readTap((result) => told.push(result));
    for (let at = 0; at < OUTPUT.length; at += size) tap.push(OUTPUT.slice(at, at + size));
    const { tests, finished, wants, running, seconds, noise } = tap.report();
    t.deepEqual(told, tests);
    t.deepEqual(
      tests.map(({ title, outcome }) => `${outcome} ${title}`),
      ['skipped kernel › a', 'passed kernel › b', 'failed kernel › c', 'failed kernel › d'],
    );
    t.is(tests[2]!.detail, '#   it logs\n  ---\n    message: no\n  ...');
    t.is(finished, 1);
    t.deepEqual([...wants], [['ipvlan', 1]]);
    t.is(running, '');
    t.deepEqual([...seconds.keys()], ['kernel › b']);
    t.is(noise, '#   a test may say something');
  }
});

/** `$@` are the tests that were chosen. */
const leg = (script: string, silence = PATIENCE): Promise<TestResult[]> =>
  runLeg(
    {
      name: 'a leg',
      command: ['sh', '-c', script, 'sh'],
      match: [],
      run: (command, onOutput) => runChild(command, { onOutput, silence }),
    },
    () => {},
  );

/** Seconds, for programs that are silent until they are killed. */
const SOON = 1;

const ENDINGS: Readonly<Record<string, readonly [script: string, problem: RegExp]>> = {
  'tests that were left out': [
    "echo 'ok 1 - a\n# 3 tests remaining in x.test.js\n\n1..1'; exit 1",
    /^a leg: 3 tests remaining in x\.test\.js$/,
  ],
  'an exit code without a failure': [
    "echo 'ok 1 - a\n1..1'; exit 3",
    /^a leg: exit 3, and no test/,
  ],
  'an early end': ["echo 'ok 1 - a'; exit 0", /^a leg: exit 0 before the end of the tests$/],
  'no test': ["echo '1..0'", /^a leg: ran no test$/],
};

for (const [title, [script, problem]] of Object.entries(ENDINGS)) {
  test(`test leg: ${title} is a failure that says so`, async (t) => {
    const failed = (await leg(script)).filter(({ outcome }) => outcome === 'failed');
    t.is(failed.length, 1);
    t.regex(failed[0]!.title, problem);
  });
}

const FAILS_AT_FIRST = `
if [ $# -eq 0 ]; then echo 'not ok 1 - a › b › c * d'; echo 'ok 2 - e'; echo '1..2'; exit 1; fi
[ "$1 $2" = '--match *c \\* d' ] && echo 'ok 1 - a › b › c * d' && echo '1..1'`;
const FAILS = "echo 'not ok 1 - a'; echo '1..1'; exit 1";
const ONCE_MORE: Readonly<Record<string, readonly [script: string, outcomes: string[]]>> = {
  'that passes by itself is named, and is no failure': [FAILS_AT_FIRST, ['passed', 'passed']],
  'that fails again is a failure': [FAILS, ['failed']],
  'whose second run shows nothing is a failure': [`[ $# -gt 0 ] || { ${FAILS}; }`, ['failed']],
  'that is skipped the second time is a failure': [
    `[ $# -eq 0 ] || { echo 'ok 1 - a # SKIP'; echo '1..1'; exit; }; ${FAILS}`,
    ['failed'],
  ],
  'beside a leg that broke is not run again': ["echo 'not ok 1 - a'", ['failed', 'failed']],
};

for (const [title, [script, outcomes]] of Object.entries(ONCE_MORE)) {
  test(`test leg: a test ${title}`, async (t) => {
    const said: string[] = [];
    const second = await runFailedAgain(await leg(script), (text) => said.push(text));
    t.deepEqual(
      second.map(({ outcome }) => outcome),
      outcomes,
    );
    const isUnsteady = outcomes.every((outcome) => outcome === 'passed');
    t.is(said.includes('UNSTEADY a › b › c * d: failed, then passed on its own'), isUnsteady);
  });
}

test('test leg: silence is a failure that names the test that hung', async (t) => {
  // What it prints first may take longer on a busy machine.
  for (const silence of [SOON, 10, PATIENCE]) {
    const [failed] = await leg("echo '# running kernel › b'; sleep 1000", silence);
    t.is(failed!.title, 'a leg: cut short');
    t.true(failed!.detail.includes(`no output for ${silence} seconds`));
    if (failed!.detail.includes('the last test that began: kernel › b')) return;
  }
  t.fail('it is not named');
});

test('child: output puts the end by silence off', async (t) => {
  // Silent for longer than may be, but never at once; on a busy machine a part may be too long.
  for (const silence of [SOON, 10, PATIENCE]) {
    const parts = `for i in 1 2 3 4 5 6; do sleep ${silence / 4}; echo; done`;
    const { code } = await runChild(['sh', '-c', parts], { silence });
    if (code === 0) return t.pass();
  }
  t.fail('it was killed each time');
});
