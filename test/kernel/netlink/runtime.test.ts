/** The runtime cases on Node; `test/harness/bun-runner.ts` runs the same on Bun. */
import test from 'ava';
import { loadCases } from '../../harness/case.ts';
import { needs } from '../../harness/needs.ts';

for (const { title, needs: features, run } of await loadCases()) {
  const declare = features === undefined ? test : needs(...features);
  declare(title, async (t) => {
    await run(t);
    t.pass();
  });
}
