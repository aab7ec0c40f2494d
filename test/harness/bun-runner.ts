/**
 * Runs the runtime cases under Bun and reports in TAP, as `scripts/test.ts` reads it. By hand: `bun
 * test/harness/bun-runner.ts [PART OF A TITLE]`.
 */
import { loadCases, type RuntimeCase } from './case.ts';
import { missingFeatures, skipLine } from './features.ts';

/** An error as a TAP diagnostic block. */
const diagnostic = (error: unknown): string => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return ['  ---', ...text.split('\n').map((line) => `    ${line}`), '  ...'].join('\n');
};

async function runCase(one: RuntimeCase): Promise<void> {
  const undo: (() => void)[] = [];
  try {
    await one.run({ teardown: (step) => undo.push(step) });
  } finally {
    for (const step of undo.reverse()) step();
  }
}

const wanted = process.argv[2] ?? '';
const cases = (await loadCases()).filter(({ title }) => title.includes(wanted));
console.log('TAP version 13');
for (const [index, one] of cases.entries()) {
  const title = `${index + 1} - bun › ${one.title}`;
  const missing = missingFeatures(one.needs ?? []);
  if (missing.length > 0) {
    console.log(`${skipLine(one.title, missing)}\nok ${title} # SKIP`);
    continue;
  }
  try {
    await runCase(one);
    console.log(`ok ${title}`);
  } catch (error) {
    console.log(`not ok ${title}\n${diagnostic(error)}`);
    process.exitCode = 1;
  }
}
console.log(`\n1..${cases.length}`);
