/** `node site/scripts/screenshots.ts FOLDER [PAGE…]`: pages in light and dark, and on a phone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, serve } from './browser.ts';

const [folder = 'dist/screenshots', ...given] = process.argv.slice(2);
const pages =
  given.length > 0
    ? given
    : [
        '',
        'messages/rtnl/addr.html',
        'anatomy.html',
        'decoder.html',
        'plugins/bridge.html',
        'illustrated/bridge.html',
      ];
mkdirSync(folder, { recursive: true });
const base = process.env['SITE_BASE'] ?? '/';
const { server, url } = await serve(base);
const browser = await launch();
for (const [look, width, colorScheme] of [
  ['light', 1440, 'light'],
  ['dark', 1440, 'dark'],
  ['phone', 360, 'light'],
] as const) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  for (const path of pages) {
    await page.goto(url + path, { waitUntil: 'networkidle' });
    const name = path.replace(/#.*/, '').replaceAll('/', '-').replace('.html', '') || 'index';
    await page.screenshot({
      path: join(folder, `${name}.${look}.png`),
      fullPage: process.env['FULL'] !== undefined,
    });
  }
  await context.close();
}
await browser.close();
server.close();
