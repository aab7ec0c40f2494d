/**
 * `npm run docs`: rewrites `docs/reference`, a page for each file of declarations, and
 * `docs/commands.md`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandsPage } from './commands-page.ts';
import { loadModel, ROOT } from './docs-model.ts';
import { pagesOf } from './docs-pages.ts';

const folder = join(ROOT, 'docs/reference');
const pages = pagesOf(await loadModel());
rmSync(folder, { recursive: true, force: true });
for (const [path, text] of pages) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
console.log(`docs/reference: ${pages.size} pages`);
writeFileSync(join(ROOT, 'docs/commands.md'), commandsPage());
