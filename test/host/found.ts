/** What `scanFiles` finds, readable, on Node and on the engine. Not a test itself. */
import { FOUND, scanFiles } from '../../src/sys/scan.ts';

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
