/** What the files for both architectures are to a system that has nothing else: file(1), ldd(1). */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { buildCni, cniFolder } from '../../scripts/build-cni.ts';

/* elf.h */
const ET_EXEC = 2;
const MACHINES = { x64: 62, arm64: 183 } as const;
const PT = { load: 1, dynamic: 2, interp: 3, stack: 0x6474e551 } as const;
const PF_X = 1;
const PF_W = 2;
const SHT_SYMTAB = 2;

/**
 * Bytes. It may be more for what a plugin does, but not for messages and kinds of links that only
 * the library reads: see the lists of `src/plugins` whose names begin with `declared`, and
 * `REPLACED` in scripts/engine/bundle.ts.
 */
const LARGEST = 1_604_256;

for (const arch of ['x64', 'arm64'] as const) {
  test(`executable: the file for ${arch} is small, static, stripped, and never writable code`, (t) => {
    if (process.env['NETLINK_TS_PREPARED'] !== '1') buildCni(arch);
    const bin = resolve(import.meta.dirname, '../..', cniFolder(arch), 'bin');
    const file = readFileSync(join(bin, 'bridge'));
    t.true(file.length <= LARGEST, `${file.length} bytes`);
    for (const name of ['host-local', 'static', 'loopback', 'ipvlan']) {
      t.is(statSync(join(bin, name)).ino, statSync(join(bin, 'bridge')).ino, name);
    }
    t.is(file.toString('latin1', 1, 4), 'ELF');
    // One that is not position-independent needs no loader and adjusts no pointers.
    t.is(file.readUInt16LE(16), ET_EXEC);
    t.is(file.readUInt16LE(18), MACHINES[arch]);
    const table = (start: number, size: number, count: number): Buffer[] =>
      Array.from({ length: count }, (_, at) => file.subarray(start + at * size));
    const programs = table(
      Number(file.readBigUInt64LE(32)),
      file.readUInt16LE(54),
      file.readUInt16LE(56),
    ).map((header) => ({
      type: header.readUInt32LE(0),
      flags: header.readUInt32LE(4),
      size: Number(header.readBigUInt64LE(32)),
    }));
    const types = programs.map(({ type }) => type);
    t.false(types.includes(PT.interp), 'it wants a loader');
    t.false(types.includes(PT.dynamic), 'it wants libraries');
    const both = programs.filter(({ flags }) => (flags & PF_X) !== 0 && (flags & PF_W) !== 0);
    t.deepEqual(both, []);
    // Without pointers to adjust, all tables are constants, and there is nothing for RELRO to do.
    const writable = programs.filter(({ type, flags }) => type === PT.load && (flags & PF_W) !== 0);
    t.true(writable.reduce((sum, { size }) => sum + size, 0) < 4096);
    t.true(programs.some(({ type, flags }) => type === PT.stack && (flags & PF_X) === 0));
    const sections = table(
      Number(file.readBigUInt64LE(40)),
      file.readUInt16LE(58),
      file.readUInt16LE(60),
    ).map((header) => header.readUInt32LE(4));
    t.false(sections.includes(SHT_SYMTAB), 'it has symbols');
    // No folder of the machine that built it, which would make each build another one.
    t.false(file.includes(resolve(import.meta.dirname, '../..')));
  });
}
