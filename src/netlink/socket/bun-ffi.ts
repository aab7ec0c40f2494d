/** Functions of the C library through `bun:ffi`. */

/** A function of the library, and where it is. */
export type Symbols = Record<string, ((...args: unknown[]) => number) & { readonly ptr: number }>;

export type Signatures = Record<string, { args: string[]; returns: string }>;

interface BunFfi {
  dlopen(path: string, symbols: Signatures): { symbols: Symbols };
  ptr(bytes: Uint8Array): number;
  read: { i32(pointer: number, offset: number): number };
}

let loaded: BunFfi | undefined;

/** Node does not know this module, so it cannot be a plain import. */
export const bunFfi = (): BunFfi =>
  (loaded ??= process.getBuiltinModule('bun:ffi') as unknown as BunFfi);

export const int = (...args: string[]) => ({ args, returns: 'i32' });
export const long = (...args: string[]) => ({ args, returns: 'i64_fast' });

/** glibc and musl under the names they have; the second is tried only where the first is missing. */
export function openLibc(signatures: Signatures): Symbols {
  const { dlopen } = bunFfi();
  try {
    return dlopen('libc.so.6', signatures).symbols;
  } catch {
    return dlopen('libc.so', signatures).symbols;
  }
}

/** Makes functions that answer with the negated errno when they fail. */
export function caller(c: Symbols): (name: string) => (...args: unknown[]) => number {
  const { read } = bunFfi();
  const errno = c['__errno_location']!;
  return (name) => {
    const native = c[name]!;
    return (...args) => {
      const result = native(...args);
      return result < 0 ? -read.i32(errno(), 0) : result;
    };
  };
}

export const ERRNO = { __errno_location: { args: [], returns: 'ptr' } };

/** Text as C has it; what holds a NUL would be cut off there. */
export function cstring(value: string): Uint8Array {
  if (value.includes('\0')) throw new RangeError(`${JSON.stringify(value)} holds a NUL`);
  return new TextEncoder().encode(`${value}\0`);
}
