/** Pages of the built site in a browser, for each file of tests. */
import { after, before } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launch, serve } from '../scripts/browser.ts';

export const BASE = process.env['SITE_BASE'] ?? '/';

export let site: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
export let context: BrowserContext;
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
export async function open(path: string, width = 1280): Promise<{ page: Page; faults: string[] }> {
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
export const ready = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => '__vue_app__' in (document.querySelector('#app') ?? {}));
