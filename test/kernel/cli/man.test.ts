/** The manual pages of a release, which mandoc(1) of Debian checks. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { manPages } from '../../../scripts/release/man.ts';
import { COMMANDS } from '../../../src/cli/main.ts';

/** A Friday in 2023, which is in the past everywhere. */
const EPOCH = 1_700_000_000;
/** Pages of other packages, which are not installed on each machine. */
const FOREIGN = ['ip', 'nft'];

test('man: mandoc has nothing against the pages', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'man-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const pages = manPages(EPOCH);
  for (const [name, text] of pages) {
    const file = join(folder, name);
    writeFileSync(file, text);
    const { stdout, error } = spawnSync('mandoc', ['-T', 'lint', '-W', 'style', file], {
      encoding: 'utf8',
    });
    t.is(error, undefined, 'apt-get install mandoc');
    const complaints = stdout.split('\n').filter((line) => {
      const [, other] = /referenced manual not found: Xr (\S+) 8$/.exec(line) ?? [];
      return line !== '' && !(FOREIGN.includes(other!) || pages.has(`${other}.8`));
    });
    t.deepEqual(complaints, []);
  }
});

test('man: each command, each option and each key is on its page', (t) => {
  const words = (name: string): string => manPages(EPOCH).get(name)!.replaceAll('\\-', '-');
  const tool = words('netlink-ts.8');
  for (const [name, { help }] of Object.entries(COMMANDS)) {
    t.true(tool.includes(`.Ss netlink-ts ${name}\n`));
    for (const option of help.match(/--[a-z-]+/g) ?? []) t.true(tool.includes(option), option);
  }
  for (const key of ['isDefaultGateway', 'vlanTrunk', 'ipMasqBackend', 'strict'])
    t.true(words('netlink-ts-bridge.8').includes(`.It ${key} (`), key);
  for (const key of ['rangeStart', 'durability', 'dataDir'])
    t.regex(words('netlink-ts-host-local.8'), new RegExp(`\\.It .*${key}`));
});
