/** The built site in a real browser: `npm run site && npm run site:test`. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { nameWithIds } from '../../src/cli/genl-families.ts';
import { readDatagrams } from '../../src/cli/input.ts';
import { viewOf } from '../../src/netlink/codec/bytes.ts';
import { encode, frames } from '../../src/netlink/codec/frame.ts';
import { loadFixture, loadFixtures } from '../../test/harness/fixture.ts';
import { BUILT } from '../scripts/browser.ts';
import { BASE, context, open, ready, site } from './pages.ts';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const CAPTURES = join(import.meta.dirname, 'captures');
const PAGES = globSync('**/*.html', { cwd: BUILT }).sort();

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

  test('each verb of a handle has its text, its errors and an example', () => {
    const folder = join(import.meta.dirname, '../pages/library');
    let verbs = 0;
    for (const path of globSync('*.md', { cwd: folder })) {
      const text = readFileSync(join(folder, path), 'utf8');
      for (const part of text.split(/\n(?=##+ )/)) {
        const [, name] = /^##+ ((?:\w+\.)+\w+) \{#/.exec(part) ?? [];
        if (name === undefined || !part.includes('```ts')) continue;
        verbs++;
        assert.ok(part.match(/```ts/g)!.length > 1, `${path}: ${name} has no example`);
        assert.match(part, /```\n\n[A-Z`]/, `${path}: ${name} has no text`);
        if (name.split('.').length === 3) assert.match(part, /^Throws:$/m, `${path}: ${name}`);
      }
    }
    assert.ok(verbs > 400);
  });

  test('a first visit loads at most 200 KB of JavaScript', async () => {
    for (const path of ['index.html', 'messages/rtnl/addr.html', 'messages/rtnl/link.html']) {
      assert.ok((await scriptsOf(path)) <= 200 * 1024, path);
    }
  });

  for (const scheme of ['light', 'dark'] as const) {
    test(`axe-core finds nothing on each kind of page, ${scheme}`, async () => {
      const kinds = [
        'index.html',
        'messages/index.html',
        'messages/rtnl/addr.html',
        'messages/rtnl/link.html',
        'decoder.html',
        'anatomy.html',
        'plugins/bridge.html',
        'illustrated/bridge.html',
      ];
      for (const path of kinds) {
        const { page } = await open(path);
        await page.emulateMedia({ colorScheme: scheme });
        await page.reload({ waitUntil: 'load' });
        if (path.startsWith('illustrated/')) await page.locator('.steps').waitFor();
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

describe('the lesson', () => {
  test('each picture explains the fields that its text speaks of', async () => {
    const { page, faults } = await open('anatomy.html');
    const pictures = page.locator('.picture');
    assert.ok((await pictures.count()) > 12);
    const first = pictures.nth(1);
    assert.equal((await first.locator('.byte.lit').allTextContents()).join(' '), '28 00 00 00');
    assert.match((await first.locator('.told').textContent())!, /len.*40 bytes/);
    await first.locator('.byte').nth(16).hover();
    assert.match((await first.locator('.told').textContent())!, /family.*inet/);
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('the exercise tells right from wrong, and explains', async () => {
    const { page } = await open('anatomy.html');
    const exercise = page.locator('.exercise');
    const answers = ['56', '28', 'yes', '3', '3', '3', '192.0.2.9', '02:00:00:00:00:0a'];
    for (const [i, answer] of answers.entries()) await page.locator(`#answer-${i}`).fill(answer);
    await exercise.getByRole('button', { name: 'Check' }).click();
    assert.equal(await exercise.locator('output').textContent(), '7 of 8 right');
    assert.equal(await exercise.locator('.wrong').count(), 1);
    await page.locator('#answer-7').fill('02-00-00-00-00-09');
    await exercise.getByRole('button', { name: 'Check' }).click();
    assert.match((await exercise.locator('output').textContent())!, /^All right/);
    await exercise.locator('.tree').waitFor();
    await page.close();
  });
});

describe('the keys of a plugin', () => {
  const said = async (page: Page, config: object): Promise<string> => {
    await page.locator('#configuration').fill(JSON.stringify(config));
    return (await page.locator('.verdicts').textContent())!.replaceAll(/\s+/g, ' ').trim();
  };

  test('a configuration is validated by the code of the executables', async () => {
    const { page, faults } = await open('plugins/bridge.html');
    await page.locator('.verdict', { hasText: 'bridge accepts this' }).waitFor();
    const base = { cniVersion: '1.0.0', name: 'n', type: 'bridge' };
    const cases: [object, RegExp][] = [
      [base, /^bridge accepts this\.$/],
      [{ ...base, isGatway: true }, /did you mean "isGateway"/],
      [{ ...base, isGatway: true, strict: true }, /code 2: unknown key/],
      [{ ...base, mtu: 10 }, /code 7: mtu 10 is too small/],
      [{ ...base, mtu: '1500' }, /code \d: mtu/],
      [
        { ...base, hairpinMode: true, promiscMode: true },
        /cannot set hairpin mode and promiscuous/,
      ],
      [{ ...base, vlan: 5000 }, /invalid VLAN ID 5000/],
      [{ ...base, name: 'a b' }, /invalid characters found in network name/],
      [{ ...base, ipam: { type: 'host-local' } }, /no IP ranges specified/],
      [{ ...base, ipam: { subnet: '10.0.0.0/8' } }, /ipam has no type/],
      [
        {
          cniVersion: '1.0.0',
          name: 'n',
          plugins: [{ type: 'ipvlan', mode: 'l4' }, { type: 'portmap' }],
        },
        /unknown ipvlan mode: "l4".*portmap is none of these/,
      ],
    ];
    for (const [config, wanted] of cases) assert.match(await said(page, config), wanted);
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('each key has a type and a meaning', async () => {
    for (const name of ['bridge', 'ipvlan', 'loopback', 'host-local', 'static']) {
      const { page } = await open(`plugins/${name}.html`);
      const rows = page.locator('table').first().locator('tbody tr');
      assert.ok((await rows.count()) > 4);
      for (const row of await rows.all()) {
        const cells = await row.locator('td').allTextContents();
        assert.ok(cells[1] !== '' && cells[3]!.length > 8, cells[0]);
      }
      await page.close();
    }
  });
});

describe('the decoder', () => {
  const input = (page: Page) => page.locator('#decoder-input');
  const bytesOf = (page: Page): Promise<string> =>
    page
      .locator('.byte')
      .allTextContents()
      .then((all) => all.join(''));

  test('every fixture is decoded to its value by the worker', async () => {
    const { page, faults } = await open('decoder.html');
    await page.waitForFunction(() => !document.querySelector('textarea')!.disabled);
    const worker = page.workers()[0] ?? (await page.waitForEvent('worker'));
    const url = worker.url();
    const given = loadFixtures().map(({ name, bytes, protocol, value }) => {
      const hex = Buffer.from(bytes).toString('hex');
      return { name, hex, protocol: nameWithIds(protocol), value };
    });
    assert.ok(given.length > 500);
    const decoded = await page.evaluate(
      async ({ url: script, given: all }) => {
        const worker = new Worker(script, { type: 'module' });
        const answers: any[] = [];
        const done = new Promise<void>((resolve) => {
          worker.onmessage = ({ data }) => {
            answers[data.id] = data.error ?? data.decoded.dissection.messages[0].value;
            if (data.id === all.length - 1) resolve();
          };
        });
        all.forEach(({ hex, protocol }, id) =>
          worker.postMessage({ id, ask: 'decode', hex, protocol }),
        );
        await done;
        return answers;
      },
      { url, given: given.map(({ hex, protocol }) => ({ hex, protocol })) },
    );
    given.forEach(({ name, value }, i) => assert.deepEqual(decoded[i], value, name));
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('an edited value gives the bytes that the library gives, and is in the address', async () => {
    const { page, faults } = await open('decoder.html');
    const { bytes, value, protocol } = loadFixture('rtnl/addr/add');
    await input(page).fill(Buffer.from(bytes).toString('hex'));
    await page.locator('.tree li', { hasText: 'IFA_LOCAL' }).click();
    await page.locator('.edit input').first().fill('198.51.100.7');
    await page.locator('.edit input').first().press('Enter');
    const edited = structuredClone(value) as any;
    edited.payload.attrs.local = '198.51.100.7';
    const wanted = Buffer.from(encode(protocol, edited)).toString('hex');
    await page.waitForURL((url) => url.hash.endsWith(wanted));
    assert.equal(await bytesOf(page), wanted);
    // The same from the link alone.
    const again = await open(`decoder.html${new URL(page.url()).hash}`);
    await again.page.locator('.byte').first().waitFor();
    assert.equal(await bytesOf(again.page), wanted);
    // Bytes of a field.
    await page.locator('.edit input').last().fill('08 00 02 00 c0 00 02 63');
    await page.locator('.edit input').last().press('Enter');
    await page.locator('.json', { hasText: 'local: "192.0.2.99"' }).waitFor();
    assert.deepEqual([...faults, ...again.faults], []);
    await page.close();
    await again.page.close();
  });

  test('an error points at the byte, and what can be read is still read', async () => {
    const { page } = await open('decoder.html');
    const hex = Buffer.from(loadFixture('rtnl/addr/add').bytes).toString('hex');
    // The second attribute claims to be longer than the message.
    await input(page).fill(`${hex.slice(0, 64)}ff${hex.slice(66)}`);
    assert.match(
      (await page.locator('.fault').textContent())!,
      /Byte 32.*attribute 1 has length 255/,
    );
    assert.match((await page.locator('.tree').textContent())!, /IFA_LOCAL/);
    assert.equal(await page.locator('.byte.k-error').count(), 8);
    await page.close();
  });

  test('a trace of strace and a capture of 10,000 messages', async () => {
    const { page, faults } = await open('decoder.html');
    const { bytes } = loadFixture('rtnl/addr/add');
    const lines = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, i) => {
      const row = Buffer.from(bytes.subarray(i * 16, i * 16 + 16))
        .toString('hex')
        .match(/../g)!;
      const halves = `${row.slice(0, 8).join(' ')}  ${row.slice(8).join(' ')}`;
      return ` | ${(i * 16).toString(16).padStart(5, '0')}  ${halves.padEnd(50)}  ................ |`;
    });
    const call = 'sendto(3, [{nlmsg_len=40}], 40, 0, NULL, 0) = 40';
    const trace = ['socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 3', call, ...lines].join('\n');
    await input(page).fill(trace);
    await page.locator('.tree li', { hasText: 'IFA_LOCAL' }).waitFor();
    assert.match(
      (await page.locator('.origin').textContent())!,
      /NETLINK_ROUTE · sent: sendto\(3\)/,
    );
    await page.locator('input[type=file]').setInputFiles({
      name: 'netlink.pcap',
      mimeType: 'application/octet-stream',
      buffer: capture(bytes, 10_000),
    });
    await page.locator('.messages').waitFor();
    await page.locator('.messages').focus();
    await page.keyboard.press('End');
    await page.locator('#message-9999[aria-selected=true]').waitFor();
    assert.ok((await page.locator('.message-row').count()) < 30);
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('a capture of an nlmon device: each message is read', async () => {
    const { page, faults } = await open('decoder.html');
    const file = join(CAPTURES, 'nlmon.pcap');
    const { datagrams } = readDatagrams(readFileSync(file));
    const count = datagrams.flatMap(({ bytes }) => [...frames(viewOf(bytes))]).length;
    assert.ok(count > 30);
    await page.locator('input[type=file]').setInputFiles(file);
    await page.locator('.messages').waitFor();
    await page.locator('.messages').focus();
    await page.keyboard.press('End');
    await page.locator(`#message-${count - 1}[aria-selected=true]`).waitFor();
    assert.match((await page.locator('.tree').textContent())!, /RTM_DELLINK/);
    assert.equal(await page.locator('.fault').count(), 0);
    assert.deepEqual(faults, []);
    await page.close();
  });

  // strace -s 0 -e trace=socket,sendto,sendmsg,recvmsg,recvfrom -e read=all -e write=all COMMAND
  for (const [program, wanted] of [
    ['ip', /RTM_NEWADDR.*IFA_LOCAL=192\.0\.2\.1/],
    ['bridge', /RTM_NEWNEIGH.*NDA_LLADDR=02:00:00:00:00:09/],
    ['nft', /NFT_MSG_NEWSET.*NFTA_SET_NAME="s"/],
  ] as const) {
    test(`a recorded trace of ${program}: each message is read`, async () => {
      const { page, faults } = await open('decoder.html');
      const trace = readFileSync(join(CAPTURES, `${program}.strace`), 'utf8');
      const { datagrams } = readDatagrams(new TextEncoder().encode(trace));
      const count = datagrams.flatMap(({ bytes }) => [...frames(viewOf(bytes))]).length;
      assert.ok(count > 2);
      await input(page).fill(trace);
      const rows = page.locator('.messages');
      await rows.waitFor();
      await rows.focus();
      await page.keyboard.press('End');
      await page.locator(`#message-${count - 1}[aria-selected=true]`).waitFor();
      const seen = new Map<string, string>();
      for (let i = 0; i < count; i++) {
        const row = page.locator(`#message-${i}`);
        if ((await row.count()) === 0) {
          await rows.evaluate((box, at) => (box.scrollTop = at * 28), i);
          await row.waitFor();
        }
        assert.doesNotMatch((await row.getAttribute('class'))!, /faulty/);
        seen.set(String(i), (await row.textContent())!);
      }
      assert.ok(
        [...seen.values()].some((line) => wanted.test(line.replaceAll(/\s+/g, ' '))),
        [...seen.values()].join('\n'),
      );
      assert.deepEqual(faults, []);
      await page.close();
    });
  }

  test('two messages are compared', async () => {
    const { page } = await open('decoder.html');
    const hex = Buffer.from(loadFixture('rtnl/addr/add').bytes).toString('hex');
    await input(page).fill(hex);
    await page.getByLabel('compare').check();
    await page.locator('#decoder-other').fill(`${hex.slice(0, -2)}09`);
    const row = page.locator('.table tbody tr');
    await row.first().waitFor();
    assert.match((await row.first().textContent())!, /attrs\.address"192\.0\.2\.2""192\.0\.2\.9"/);
    assert.equal(await page.locator('.byte.changed').count(), 2);
    await page.close();
  });

  test('it loads at most 150 KB of JavaScript more', async () => {
    const workers = globSync('assets/decoder-worker*.js', { cwd: BUILT });
    const own = [
      ...workers,
      ...globSync('assets/chunks/{Decoder,DecodedMessage}*.js', { cwd: BUILT }),
    ];
    const size = own.reduce(
      (sum, file) => sum + gzipSync(readFileSync(join(BUILT, file))).length,
      0,
    );
    assert.ok(workers.length === 1 && size <= 150 * 1024, String(size));
  });
});

/** A capture of an nlmon device, with the same message again and again. */
function capture(message: Uint8Array, count: number): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt32LE(253, 20);
  const packet = Buffer.alloc(32 + message.length);
  packet.writeUInt32LE(16 + message.length, 8);
  packet.writeUInt32LE(16 + message.length, 12);
  packet.writeUInt16BE(7, 16);
  packet.set(message, 32);
  return Buffer.concat([head, ...Array.from({ length: count }, () => packet)]);
}

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
