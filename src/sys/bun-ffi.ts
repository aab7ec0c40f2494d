/** Functions of the C library through `bun:ffi`. */

/** Functions of the library, and the address of each. */
export type Symbols = Record<string, ((...args: unknown[]) => number) & { readonly ptr: number }>;

export type Signatures = Record<string, { args: string[]; returns: string }>;

interface BunFfi {
  /** `bun:ffi` throws an error, `Bun.FFI` returns it. */
  dlopen(path: string, symbols: Signatures): { symbols: Symbols } | Error;
  ptr(bytes: Uint8Array): number;
  read: { i32(pointer: number, offset: number): number };
}

let loaded: BunFfi | undefined;

/**
 * The object that `bun:ffi` is built on. The module itself adds nothing that is needed here and
 * takes 0.3 ms to load, in a process that runs for 10 ms. Node does not know it, so it cannot be a
 * plain import.
 */
export function bunFfi(): BunFfi {
  const { Bun } = globalThis as unknown as { Bun: { FFI?: BunFfi } };
  return (loaded ??= Bun.FFI ?? (process.getBuiltinModule('bun:ffi') as unknown as BunFfi));
}

export const int = (...args: string[]) => ({ args, returns: 'i32' });
export const long = (...args: string[]) => ({ args, returns: 'i64_fast' });

/** Opens glibc or musl by name; the second is tried only where the first is missing. */
export function openLibc(signatures: Signatures): Symbols {
  return open('libc.so.6', signatures) ?? open('libc.so', signatures)!;
}

function open(path: string, signatures: Signatures): Symbols | undefined {
  try {
    const opened = bunFfi().dlopen(path, signatures);
    if ('symbols' in opened) return opened.symbols;
    throw opened;
  } catch (error) {
    if (path === 'libc.so.6') return undefined;
    throw error;
  }
}

/** Wraps a function so that it returns the negated errno when it fails. */
export function answering(c: Symbols, name: string): (...args: unknown[]) => number {
  const native = c[name]!;
  return (...args) => {
    const result = native(...args);
    return result < 0 ? -bunFfi().read.i32(c['__errno_location']!(), 0) : result;
  };
}

export const ERRNO = { __errno_location: { args: [], returns: 'ptr' } };

/** Text as a C string. Text with a NUL is refused, because C would cut it off there. */
export function cstring(value: string): Uint8Array {
  if (value.includes('\0')) throw new RangeError(`${JSON.stringify(value)} holds a NUL`);
  return new TextEncoder().encode(`${value}\0`);
}
