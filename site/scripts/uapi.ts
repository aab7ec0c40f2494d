/**
 * The members of C structs, read from the kernel's user space headers (Debian package
 * `linux-libc-dev`) into `uapi.json`, so that pages show the names that a C programmer knows.
 * The declarations stay the source of all facts: a member is shown where a declared field has its
 * offset and size, and nowhere else.
 *
 *     node site/scripts/uapi.ts
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadModel } from '../../scripts/docs-model.ts';
import { structsOf, structView, type Member } from './structs.ts';

const HEADERS = '/usr/include/linux';
const FILE = resolve(import.meta.dirname, '../uapi.json');

const wanted = new Map([...structsOf(await loadModel())].map((struct) => [struct.name, struct]));
const found: Record<string, { header: string; members: Member[] }> = {};
for (const path of globSync('**/*.h', { cwd: HEADERS }).sort()) {
  const text = readFileSync(join(HEADERS, path), 'utf8').replace(/\/\*[^]*?\*\//g, '');
  for (const [, name, body] of text.matchAll(/^struct (\w+)\s*\{([^{}]*)\}[^;]*;/gm)) {
    if (!wanted.has(name!) || name! in found) continue;
    const members = membersOf(body!);
    if (members === undefined) continue;
    const one = { header: `linux/${path}`, members };
    // Without those of another layout, or with members whose size is not known.
    if (structView(wanted.get(name!)!, { [name!]: one }).header === undefined) continue;
    found[name!] = one;
  }
}
const sorted = Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(
  FILE,
  `${JSON.stringify(sorted, null, 1).replace(/\[\n\s+(".*?"),\n\s+(".*?"),\n\s+(\d+)\n\s+\]/g, '[$1, $2, $3]')}\n`,
);
console.log(`${Object.keys(found).length} of ${wanted.size} structs`);

/** Type, name and number of elements; undefined for what is not a plain list of members. */
function membersOf(body: string): Member[] | undefined {
  const members: Member[] = [];
  for (const line of body.split(';').map((each) => each.trim().replaceAll(/\s+/g, ' '))) {
    if (line === '') continue;
    const member = /^((?:unsigned |signed |struct )?\w+) (\w+(?:, ?\w+)*)(?:\[(\w+)\])?$/.exec(
      line,
    );
    if (member === null) return undefined;
    const count = member[3] === undefined ? 1 : Number(member[3]);
    if (Number.isNaN(count)) return undefined;
    for (const name of member[2]!.split(/, ?/)) members.push([member[1]!, name, count]);
  }
  return members;
}
