/** What `scanFiles` finds, readable, on Node and on the engine. Not a test itself. */
import { closeSync, fchmodSync, openSync, unlinkSync } from '../../src/sys/files.ts';
import { FOUND, removeUnchanged, scanFiles } from '../../src/sys/scan.ts';

export function foundIn(path: string, since: number): object[] {
  const found: { name: string; [key: string]: unknown }[] = [];
  scanFiles(path, since, '0123456789abcdef:.', (record, at) => {
    const word = (offset: number): number => record.getUint32(at + offset, true);
    const nameLength = record.getUint16(at + FOUND.nameLength, true);
    const textLength = record.getUint16(at + FOUND.textLength, true);
    const text = (from: number, length: number): string =>
      new TextDecoder().decode(new Uint8Array(record.buffer, at + from, length));
    found.push({
      name: text(FOUND.name, nameLength),
      ...{ text: text(FOUND.name + nameLength, textLength), mode: word(FOUND.mode) },
      ...{ error: word(FOUND.error), hash: word(FOUND.hash) },
      ...{ isIpv4: word(FOUND.isIpv4), ipv4: word(FOUND.ipv4) },
      changed: Math.floor(record.getFloat64(at + FOUND.changed, true)),
      modified: Math.floor(record.getFloat64(at + FOUND.modified, true)),
    });
  });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Removes what it found, after one file has another mode and one is gone: how many were removed,
 * and the errno of each name.
 */
export function removedIn(path: string, changed: string, gone: string): unknown {
  const names: string[] = [];
  const pieces: Uint8Array[] = [];
  scanFiles(path, 0, '0123456789abcdef:.', (record, at) => {
    const length = record.getUint32(at + FOUND.length, true);
    const name = new Uint8Array(
      record.buffer,
      at + FOUND.name,
      record.getUint16(at + FOUND.nameLength, true),
    );
    names.push(new TextDecoder().decode(name));
    pieces.push(new Uint8Array(record.buffer, at, length).slice());
  });
  const records = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  const starts: number[] = [];
  for (let i = 0, at = 0; i < pieces.length; at += pieces[i++]!.length) {
    records.set(pieces[i]!, at);
    starts.push(at);
  }
  const fd = openSync(`${path}/${changed}`, 'r');
  fchmodSync(fd, 0o640);
  closeSync(fd);
  unlinkSync(`${path}/${gone}`);
  const count = removeUnchanged(path, records);
  const view = new DataView(records.buffer);
  const errors = names.map((name, i) => [name, view.getInt32(starts[i]! + FOUND.error, true)]);
  return { count, errors: Object.fromEntries(errors.sort()) as object };
}
