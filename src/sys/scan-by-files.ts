/** `scanFiles` by file functions, for the runtimes that do not have our host. */
import { EFBIG, EINVAL, ENOENT } from './errno.ts';
import type { Files } from './file-types.ts';
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
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
        record.subarray(at, at + textLength),
      );
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
