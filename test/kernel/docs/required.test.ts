/** What pages of the site say is required, this kernel refuses to be without. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import recorded from '../../../site/required.json' with { type: 'json' };
import type { Required } from '../../../site/scripts/required.ts';
import { needs } from '../../harness/needs.ts';

const SCRIPT = resolve(import.meta.dirname, '../../../site/scripts/required.ts');

/** In a process of its own, because a call is known by its source text, which a bundle changes. */
function ask(): Required[] {
  const program = `const { askRequired } = await import(process.argv[1]);
    process.stdout.write(JSON.stringify(askRequired('')));`;
  const arguments_ = ['--input-type=module', '--eval', program, SCRIPT];
  const text = execFileSync(process.execPath, arguments_, { encoding: 'utf8' });
  return JSON.parse(text) as Required[];
}

needs('veth', 'bridge')('docs: keys that the site says are required are', (t) => {
  const known = new Map(recorded.required.map((each) => [each.call, Object.keys(each.required)]));
  // What a kernel cannot do at all is left out of the answers.
  const asked = ask().filter(({ call }) => known.has(call));
  t.true(asked.length > 3);
  for (const { call, required } of asked) {
    for (const key of known.get(call)!) t.true(Object.hasOwn(required, key), `${call}: ${key}`);
  }
});
