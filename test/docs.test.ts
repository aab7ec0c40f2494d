/** The reference pages are what the declarations say today. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadModel, ROOT } from '../scripts/docs-model.ts';
import { pagesOf } from '../scripts/docs-pages.ts';

const FOLDER = join(ROOT, 'docs/reference');
const model = await loadModel();
const pages = pagesOf(model);

test('reference: the committed pages are those that `npm run docs` writes', (t) => {
  t.deepEqual(globSync('**/*.md', { cwd: FOLDER }).sort(), [...pages.keys()].sort());
  for (const [path, text] of pages) t.is(readFileSync(join(FOLDER, path), 'utf8'), text, path);
});

test('reference: every set of attributes stands on one page', (t) => {
  const sets = model.pages.flatMap((page) => page.sets);
  t.is(sets.length, model.sets);
  t.is(new Set(sets.map(({ set }) => set.attributes as unknown)).size, model.sets);
});

test('reference: links to files lead to files', (t) => {
  for (const [path, text] of pages) {
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      const file = join(FOLDER, path, '..', target!);
      t.notThrows(() => readFileSync(file), `${path}: ${target}`);
    }
  }
});
