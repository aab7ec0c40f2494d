/** `netlink-ts ynl`, with specifications of our own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { main } from '../../../src/cli/main.ts';
import { ynlSource } from '../../../src/ynl/index.ts';
import { open } from '../../../src/rtnl/open.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { specPath, specText } from '../../harness/ynl-spec.ts';

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts');
const LINKS = specPath('links');

async function tool(...args: string[]): Promise<{ code: number; out: string; notes: string }> {
  let out = '';
  let notes = '';
  const code = await main(['ynl', ...args], {
    write: (text) => void (out += text),
    note: (text) => void (notes += text),
    colours: false,
    readInput: () => new Uint8Array(),
  });
  return { code, out, notes };
}

test('cli: ynl prints the declaration of a specification', async (t) => {
  t.deepEqual(await tool(LINKS), { code: 0, out: ynlSource(specText('links')), notes: '' });
  const { out } = await tool(LINKS, '--list-ops');
  t.is(
    out,
    'newlink (do): Make or change a link.\ndellink (do): Delete a link.\ngetlink (do, dump): Get links.\n',
  );
});

test('cli: ynl says what is wrong with the arguments', async (t) => {
  const wrong: readonly (readonly [args: string[], note: RegExp])[] = [
    [[], /one specification is needed/],
    [['/nowhere.yaml'], /ENOENT.*nowhere/],
    [[LINKS, '--do', 'getlink', '--dump', 'getlink'], /--do and --dump exclude each other/],
    [[LINKS, '--json', '{}'], /--json goes with --do or --dump/],
    [[LINKS, '--dump', 'getlink', '--create'], /--create goes with --do/],
    [[LINKS, '--do', 'getlink', '--json', '{'], /--json: /],
    [[LINKS, '--do', 'getlink', '--json', '[]'], /--json must be an object/],
    [[LINKS, '--subscribe', 'x', '--count', '0'], /--count must be a number/],
    [[LINKS, '--dumb', 'getlink'], /there is no option --dumb; did you mean --dump/],
  ];
  for (const [args, note] of wrong) {
    const { code, out, notes } = await tool(...args);
    t.deepEqual([code, out], [2, ''], args.join(' '));
    t.regex(notes, note);
  }
  t.like(await tool(LINKS, '--do', 'getlnk'), {
    code: 1,
    notes: 'netlink-ts: links has no operation "getlnk", only newlink, dellink, getlink\n',
  });
});

test('cli: ynl notes what it does not know in a specification', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ynl-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'links.yaml');
  writeFileSync(path, `${specText('links')}\nweather: fine\n`);
  const { code, notes } = await tool(path, '--list-ops');
  t.deepEqual([code, notes], [0, `${path}: the key "weather" is not known, and is ignored\n`]);
  writeFileSync(path, specText('links').replaceAll('name: ifname', 'name: address'));
  t.like(await tool(path), {
    code: 1,
    notes: 'netlink-ts: attribute-sets/link/attributes/address: "address" is defined twice\n',
  });
});

needs('bridge')('cli: ynl makes, lists and deletes a link', async (t) => {
  const { name } = freshNamespace(t);
  const ns = ['--netns', name];
  const made = ['--json', '{"ifname":"br0","linkinfo":{"kind":"bridge"}}', '--create', '--excl'];
  t.deepEqual(await tool(LINKS, '--do', 'newlink', ...made, ...ns), {
    code: 0,
    out: '',
    notes: '',
  });
  const again = await tool(LINKS, '--do', 'newlink', ...made, ...ns);
  t.is(again.code, 1);
  t.regex(again.notes, /^netlink-ts: RTM_NEWLINK.*EEXIST/);
  const { out } = await tool(LINKS, '--dump', 'getlink', ...ns);
  const rows = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  t.like(rows, [
    { ifname: 'lo', index: 1, flags: ['loopback'] },
    { ifname: 'br0', linkinfo: { kind: 'bridge' } },
  ]);
  const one = await tool(LINKS, '--do', 'getlink', '--json', '{"ifname":"br0"}', ...ns);
  t.like(JSON.parse(one.out), { ifname: 'br0' });
  t.is((await tool(LINKS, '--do', 'dellink', '--json', '{"ifname":"br0"}', ...ns)).code, 0);
});

needs('bridge')('cli: ynl prints notifications until it has seen enough', async (t) => {
  const ns = freshNamespace(t);
  using rt = open({ netns: ns.path });
  const args = [MAIN, 'ynl', LINKS, '--subscribe', 'rtnlgrp-link', '--netns', ns.name];
  // Nothing tells when it has joined the group, so links are made until it has seen one.
  const child = spawn(process.execPath, [...args, '--count', '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  let n = 0;
  const timer = setInterval(() => {
    rt.links.add({ ifname: `br${n++}`, kind: 'bridge' });
  }, 100);
  const [code] = (await once(child, 'exit')) as [number];
  clearInterval(timer);
  t.is(code, 0);
  t.like(JSON.parse(out), { type: 'message', name: 'newlink-ntf', value: { mtu: 1500 } });
});
