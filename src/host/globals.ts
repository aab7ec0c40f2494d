/**
 * The globals that our code uses and that every other runtime has. Evaluated before anything else.
 */
import '../sys/host.ts';

const BOM = 0xfeff;

class Encoder {
  encode(text: string): Uint8Array<ArrayBuffer> {
    return host.encode(text.isWellFormed() ? text : text.toWellFormed());
  }
}

interface DecoderOptions {
  readonly fatal?: boolean;
  readonly ignoreBOM?: boolean;
}

class Decoder {
  readonly #fatal: boolean;
  readonly #ignoreBom: boolean;

  constructor(_label = 'utf-8', { fatal = false, ignoreBOM = false }: DecoderOptions = {}) {
    this.#fatal = fatal;
    this.#ignoreBom = ignoreBOM;
  }

  decode(bytes: Uint8Array): string {
    let text = host.decode(bytes);
    // The engine decodes text that is not UTF-8 differently from other runtimes.
    if (hasReplacement(text) || !text.isWellFormed()) text = decodeStrictly(bytes, this.#fatal);
    return text.charCodeAt(0) === BOM && !this.#ignoreBom ? text.slice(1) : text;
  }
}

/** `includes` compares at each position; this searches for the character. */
const hasReplacement = (text: string): boolean => text.replace('\uFFFD', '') !== text;

/** https://encoding.spec.whatwg.org/#utf-8-decoder */
function decodeStrictly(bytes: Uint8Array, fatal: boolean): string {
  let text = '';
  let from = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (fatal) throw new TypeError('the bytes are no UTF-8');
    text += `${host.decode(bytes.subarray(from, at))}\uFFFD`;
    at -= length;
    from = at;
  }
  return text + host.decode(bytes.subarray(from));
}

/**
 * The length of the UTF-8 sequence at an index. Negative when the bytes there are not a complete
 * sequence: then the number of bytes that belong to its beginning.
 */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return -1;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i] ?? 0;
    const least = i > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const most = i > 1 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (next < least || next > most) return -i;
  }
  return length;
}

/** include/uapi/linux/random.h */
const GRND_NONBLOCK = 1;

const drawn = new Uint32Array(16);
const drawnBytes = new Uint8Array(drawn.buffer);
let left = 0;

/**
 * The engine's own `Math.random` is seeded with the time in microseconds, so plugins that start
 * together would draw the same MAC addresses.
 */
const byTime = Math.random;
function random(): number {
  if (left === 0) {
    // getrandom(2) fails when a system call filter refuses it, or when the kernel has no entropy
    // yet.
    if (host.getrandom(drawnBytes, GRND_NONBLOCK) !== drawnBytes.length) return byTime();
    left = drawn.length;
  }
  return drawn[--left]! / 2 ** 32;
}

const timeOrigin = Date.now();
const begun = host.now();

/** There is no eval: code that would generate a function uses its fallback instead. */
function noFunction(): never {
  throw new EvalError('code cannot be generated here');
}
noFunction.prototype = Function.prototype;

Object.assign(globalThis, {
  TextEncoder: Encoder,
  TextDecoder: Decoder,
  performance: { now: () => host.now() - begun, timeOrigin },
  Function: noFunction,
});
Math.random = random;
