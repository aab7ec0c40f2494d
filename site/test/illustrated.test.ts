/** The illustrated ADD and DEL in a browser. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { loadRecording } from '../scripts/illustrated.ts';
import { SCENES } from '../scripts/scenes.ts';
import { open } from './pages.ts';

const bytesOf = (page: Page): Promise<string> =>
  page
    .locator('.explorer .byte')
    .allTextContents()
    .then((all) => all.join(''));

async function choose(page: Page, scene: string): Promise<void> {
  for (const [label, word] of [
    ['masquerade', '-masquerade'],
    ['dual stack', '-dual'],
  ] as const) {
    const box = page.getByRole('checkbox', { name: label });
    if ((await box.count()) > 0) await box.setChecked(scene.includes(word));
  }
}

describe('an illustrated ADD', () => {
  for (const { name, plugin } of SCENES) {
    test(`${name}: each message of ADD and DEL is shown with all of its bytes`, async () => {
      const { page, faults } = await open(`illustrated/${plugin}.html`);
      await choose(page, name);
      for (const { command, steps } of loadRecording(name).calls) {
        await page.getByRole('radio', { name: command }).check({ force: true });
        await page.locator('.where', { hasText: `1 of ${steps.length}` }).waitFor();
        const buttons = page.locator('.steps button');
        assert.equal(await buttons.count(), steps.length);
        for (const [i, step] of steps.entries()) {
          await buttons.nth(i).click();
          assert.ok((await page.locator('.told-step').textContent())!.length > 40);
          const hex = 'hex' in step ? [step.hex, ...('answers' in step ? step.answers : [])] : [];
          const tabs = page.locator('.pick button');
          assert.equal(await tabs.count(), hex.length, `${command}, step ${i + 1}`);
          for (const [j, each] of hex.entries()) {
            if (j > 0) await tabs.nth(j).click();
            assert.equal(await bytesOf(page), each, `${command}, step ${i + 1}`);
          }
        }
      }
      assert.deepEqual(faults, []);
      await page.close();
    });
  }

  test('host and container are drawn as they are after each step', async () => {
    const { page } = await open('illustrated/bridge.html');
    const side = (name: string) => page.locator(`.side-${name}`);
    await page.locator('.steps button', { hasText: 'The bridge mynet0' }).click();
    assert.match((await side('host').locator('.card.new').textContent())!, /mynet0.*bridge.*down/);
    assert.match((await side('container').textContent())!, /only lo/);
    await page.locator('.steps button').first().focus();
    await page.keyboard.press('End');
    await page.locator('.steps button[aria-current]:focus').waitFor();
    assert.match(
      (await side('container').textContent())!,
      /eth0.*up.*10\.88\.0\.2\/16.*default via/,
    );
    assert.match((await side('host').textContent())!, /10\.88\.0\.1\/16.*port of mynet0/);
    await page.getByRole('radio', { name: 'DEL' }).check({ force: true });
    await page.locator('.steps button', { hasText: 'is removed' }).click();
    assert.equal(await page.locator('.card.gone').count(), 2);
    await page.close();
  });

  test('a byte lights its field', async () => {
    const { page } = await open('illustrated/bridge.html');
    await page.locator('.steps button', { hasText: '10.88.0.1/16 for mynet0' }).click();
    await page.locator('.explorer .byte').nth(28).hover();
    assert.equal((await page.locator('.byte.lit').allTextContents()).join(' '), '0a 58 00 01');
    assert.match((await page.locator('.tree li.lit').textContent())!, /IFA_LOCAL\s*10\.88\.0\.1/);
    await page.close();
  });
});
