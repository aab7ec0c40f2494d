/** The built site in a real browser: `npm run site && npm run site:test`. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { loadFixture } from '../../test/harness/fixture.ts';
import { BUILT, launch, serve } from '../scripts/browser.ts';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const BASE = process.env['SITE_BASE'] ?? '/';
const PAGES = globSync('**/*.html', { cwd: BUILT }).sort();

let site: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
let context: BrowserContext;
before(async () => {
  site = await serve(BASE);
  browser = await launch();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
});
after(async () => {
  await browser?.close();
  site?.server.close();
});

/** A page with what went wrong in it: errors, and requests that left the site or failed. */
async function open(path: string, width = 1280): Promise<{ page: Page; faults: string[] }> {
  const page = await context.newPage();
  await page.setViewportSize({ width, height: 900 });
  const faults: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(site.url)) {
      faults.push(`request to ${request.url()}`);
    }
  });
  page.on('response', (answer) => {
    if (answer.status() >= 400) faults.push(`${answer.status()} ${answer.url()}`);
  });
  await page.goto(site.url + path, { waitUntil: 'load' });
  await ready(page);
  return { page, faults };
}

/** The page is alive: its components have taken over what was rendered. */
const ready = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => '__vue_app__' in (document.querySelector('#app') ?? {}));

describe('pages', () => {
  test('there are some', () => assert.ok(PAGES.length > 50));

  test('each loads without an error, asks no other host, and fits a phone of 360 pixels', async () => {
    const { page, faults } = await open('index.html', 360);
    for (const path of PAGES.filter((each) => each !== '404.html')) {
      await page.goto(site.url + path, { waitUntil: 'load' });
      await ready(page);
      assert.deepEqual(faults, [], path);
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(over, 0, `${path} scrolls sideways`);
    }
    await page.close();
  });

  test('every link to a page or a file of the site leads there', () => {
    for (const path of PAGES) {
      const text = readFileSync(join(BUILT, path), 'utf8');
      for (const [, target] of text.matchAll(/<a [^>]*?href="([^"]*)"/g)) {
        const url = new URL(target!, `http://site${BASE}${path}`);
        if (url.host !== 'site') continue;
        const file = join(BUILT, decodeURIComponent(url.pathname).slice(BASE.length));
        const real = [file, `${file}.html`, join(file, 'index.html')].find((each) => isFile(each));
        assert.ok(real, `${path}: ${target}`);
        if (url.hash === '' || path === '404.html' || !real.endsWith('.html')) continue;
        const id = decodeURIComponent(url.hash.slice(1));
        if (id === '' || id.includes('=')) continue;
        assert.ok(readFileSync(real, 'utf8').includes(`id="${id}"`), `${path}: ${target}`);
      }
    }
  });

  test('a first visit loads at most 200 KB of JavaScript', async () => {
    for (const path of ['index.html', 'messages/rtnl/addr.html', 'messages/rtnl/link.html']) {
      assert.ok((await scriptsOf(path)) <= 200 * 1024, path);
    }
  });

  for (const scheme of ['light', 'dark'] as const) {
    test(`axe-core finds nothing on each kind of page, ${scheme}`, async () => {
      const kinds = ['index.html', 'messages/index.html', 'messages/rtnl/addr.html'];
      for (const path of kinds) {
        const { page } = await open(path);
        await page.emulateMedia({ colorScheme: scheme });
        await page.reload({ waitUntil: 'load' });
        await page.evaluate(AXE);
        const found = await page.evaluate(async () => {
          const { violations } = await (globalThis as any).axe.run(document);
          return violations.flatMap((each: any) =>
            each.nodes.map(
              (node: any) => `${each.id}: ${node.target.join(' ')} ${node.failureSummary}`,
            ),
          );
        });
        assert.deepEqual(found, [], path);
        await page.close();
      }
    });
  }
});

describe('a message', () => {
  const litBytes = (page: Page): Promise<string> =>
    page
      .locator('.byte.lit')
      .allTextContents()
      .then((all) => all.join(' '));

  test('its bytes are those of the fixture, for each that can be chosen', async () => {
    const { page, faults } = await open('messages/rtnl/addr.html');
    const names = await page
      .locator('.chooser option')
      .evaluateAll((all) => all.map((each) => (each as HTMLOptionElement).value));
    assert.ok(names.length > 20);
    for (const name of names) {
      await page.locator('.chooser select').selectOption(name);
      const hex = Buffer.from(loadFixture(name).bytes).toString('hex');
      await page.waitForFunction(
        (wanted) =>
          [...document.querySelectorAll('.explorer .byte')]
            .map((each) => each.textContent)
            .join('') === wanted,
        hex,
      );
    }
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('pointing at a byte lights its field, its row and its place in the value', async () => {
    const { page } = await open('messages/rtnl/addr.html');
    await page.locator('.chooser select').selectOption('rtnl/addr/add');
    // The last byte of IFA_LOCAL.
    await page.locator('.explorer .byte').nth(31).hover();
    assert.equal(await litBytes(page), 'c0 00 02 02');
    assert.match((await page.locator('.tree li.lit').textContent())!, /IFA_LOCAL\s*192\.0\.2\.2/);
    assert.match((await page.locator('.json.lit').textContent())!, /local: "192\.0\.2\.2"/);
    assert.match((await page.locator('tr.row-lit').textContent())!, /^IFA_LOCAL/);
    // `ifa_prefixlen` is a member of the C struct.
    await page.locator('.explorer .byte').nth(17).hover();
    assert.equal(await litBytes(page), '18');
    assert.match((await page.locator('.c-line.row-lit').textContent())!, /ifa_prefixlen/);
    await page.close();
  });

  test('pointing at a row lights the bytes', async () => {
    const { page } = await open('messages/rtnl/addr.html');
    await page.locator('tr[data-row="addr/IFA_LOCAL"]').hover();
    assert.equal(await litBytes(page), '08 00 02 00 c0 00 02 02');
    await page.close();
  });

  test('arrow keys move through the fields and light their bytes', async () => {
    const { page } = await open('messages/rtnl/addr.html');
    await page.locator('.tree li').first().focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    assert.equal(await litBytes(page), '14 00');
    await page.keyboard.press('End');
    assert.equal((await litBytes(page)).slice(0, 11), '08 00 01 00');
    await page.close();
  });
});

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** Bytes of all scripts that a page loads, compressed. */
async function scriptsOf(path: string): Promise<number> {
  const page = await context.newPage();
  const files = new Set<string>();
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith('.js')) files.add(pathname.slice(BASE.length));
  });
  await page.goto(site.url + path, { waitUntil: 'networkidle' });
  await page.close();
  return [...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(BUILT, file))).length,
    0,
  );
}
