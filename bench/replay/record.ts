/**
 * `bun --preload` of a plugin's source: notes every call of the C library that it makes, with arguments and result, and writes them to
 * the file `NETLINK_TS_CALLS` when the plugin ends.
 */
import { writeFileSync } from 'node:fs';
import type { Call, Library, Recording } from '../replay.ts';

interface Ffi {
  dlopen(path: string, signatures: Library['signatures']): { symbols: Record<string, Native> };
}
type Native = ((...args: unknown[]) => unknown) & { readonly ptr?: number };

const libraries: Library[] = [];
const calls: Call[] = [];
const { Bun } = globalThis as unknown as { Bun: { FFI: Ffi } };
const ffi = Bun.FFI;

const noted = (value: unknown): Call['args'][number] =>
  ArrayBuffer.isView(value)
    ? { bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
    : (value as number | null);

function dlopen(path: string, signatures: Library['signatures']): ReturnType<Ffi['dlopen']> {
  const opened = ffi.dlopen(path, signatures);
  const library = libraries.push({ path, signatures }) - 1;
  const symbols = Object.entries(opened.symbols).map(([name, native]) => {
    const call = (...args: unknown[]): unknown => {
      // Before the call, which may write into them.
      const before = args.map(noted);
      const result = native(...args);
      calls.push({ library, name, args: before, result: result === null ? null : Number(result) });
      return result;
    };
    return [name, Object.assign(call, { ptr: native.ptr })];
  });
  return { symbols: Object.fromEntries(symbols) as Record<string, Native> };
}

Object.defineProperty(Bun, 'FFI', { value: { ...ffi, dlopen } });
process.on('exit', () => {
  const recording: Recording = { libraries, calls };
  writeFileSync(process.env['NETLINK_TS_CALLS']!, JSON.stringify(recording));
});
