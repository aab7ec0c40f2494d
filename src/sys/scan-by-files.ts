/** `scanFiles` and `removeUnchanged` by file functions, for the runtimes without our host. */
import { EFBIG, EINVAL, ENOENT, ESTALE } from './errno.ts';
import type { Files } from './file-types.ts';
import { textOf } from './files-by-calls.ts';
import { FOUND, hashOf, SHORT, type ScanFiles } from './scan-record.ts';

const isIpv4 = (name: string): boolean =>
  /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.test(name) &&
  name.split('.').every((part) => Number(part) < 256 && String(Number(part)) === part);

export function scanByFiles(files: Files): ScanFiles {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = files.constants;
  const record = new Uint8Array(FOUND.name + 256 + SHORT);
  const view = new DataView(record.buffer);

  /** The content after the name; or the errno, negated. */
  const read = (file: string, at: number): number => {
    try {
      const fd = files.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        return files.readSync(fd, record, at, SHORT - 1, 0);
      } finally {
        files.closeSync(fd);
      }
    } catch (error) {
      return -Math.abs((error as { errno: number }).errno);
    }
  };

  return (path, since, characters, visit) => {
    for (const name of files.readdirSync(path)) {
      if (name.startsWith('.')) continue;
      if ([...name].some((character) => !characters.includes(character))) continue;
      const file = `${path}/${name}`;
      const stats = files.lstatSync(file, { throwIfNoEntry: false });
      if (stats === undefined || stats.ctimeMs < since) continue;
      const { written: nameLength } = new TextEncoder().encodeInto(
        name,
        record.subarray(FOUND.name),
      );
      const at = FOUND.name + nameLength;
      const result = !stats.isFile() ? -EINVAL : stats.size >= SHORT ? -EFBIG : read(file, at);
      if (result === -ENOENT) continue;
      const textLength = Math.max(result, 0);
      const text = textOf(record.subarray(at, at + textLength));
      const ipv4 = isIpv4(name)
        ? name.split('.').reduce((value, part) => value * 256 + Number(part), 0)
        : undefined;
      view.setUint32(FOUND.length, at + textLength, true);
      view.setUint16(FOUND.nameLength, nameLength, true);
      view.setUint16(FOUND.textLength, textLength, true);
      view.setUint32(FOUND.mode, stats.mode, true);
      view.setInt32(FOUND.error, Math.max(-result, 0), true);
      view.setUint32(FOUND.hash, hashOf(text.replaceAll('\0', '').trim()), true);
      view.setUint32(FOUND.isIpv4, ipv4 === undefined ? 0 : 1, true);
      view.setUint32(FOUND.ipv4, ipv4 ?? 0, true);
      view.setFloat64(FOUND.changed, stats.ctimeMs, true);
      view.setFloat64(FOUND.modified, stats.mtimeMs, true);
      visit(view, 0);
    }
  };
}

export function removeByFiles(files: Files, path: string, records: Uint8Array): number {
  let count = 0;
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  for (let at = 0; at < records.length; at += view.getUint32(at + FOUND.length, true)) {
    const name = records.subarray(
      at + FOUND.name,
      at + FOUND.name + view.getUint16(at + FOUND.nameLength, true),
    );
    const file = `${path}/${textOf(name)}`;
    const changed = view.getFloat64(at + FOUND.changed, true);
    const mode = view.getUint32(at + FOUND.mode, true);
    const error = removed(files, file, changed, mode);
    view.setInt32(at + FOUND.error, error, true);
    if (error === 0) count++;
  }
  return count;
}

/** The errno; zero if the file is removed. */
function removed(files: Files, file: string, changed: number, mode: number): number {
  try {
    const stats = files.lstatSync(file);
    if (stats.ctimeMs !== changed || stats.mode !== mode) return ESTALE;
    files.unlinkSync(file);
    return 0;
  } catch (error) {
    return Math.abs((error as { errno: number }).errno);
  }
}
