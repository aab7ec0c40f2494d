/** Converts IPv4 and IPv6 addresses between bytes in network order and canonical text, RFC 5952. */

/** The text of an IPv4 address from the four bytes at `at`: `192.0.2.1`. */
export function formatIpv4(view: DataView, at: number): string {
  const word = view.getUint32(at);
  const upper = word >>> 8;
  // The addresses of a dump tend to share their first three bytes.
  if (upper !== lastUpper) {
    lastUpper = upper;
    lastText = dotted(word >>> 24) + dotted((word >>> 16) & 255) + dotted(upper & 255);
  }
  const byte = word & 255;
  return lastText + (PLAIN[byte] ??= `${byte}`);
}

/** The first three bytes of the last IPv4 address, as a number and as text. */
let lastUpper = 0;
let lastText = '0.0.0.';

/* Caches: formatting a number takes several times as long as looking its text up. */

const PLAIN = new Array<string | undefined>(256);
const DOTTED = new Array<string | undefined>(256);
const dotted = (byte: number): string => (DOTTED[byte] ??= `${byte}.`);

type Pages = (string | undefined)[][];
/** The text of IPv6 groups by upper and lower byte, without and with a leading colon. */
const FIRST: Pages = new Array(256);
const OTHERS: Pages = new Array(256);

const grouped = (pages: Pages, group: number): string =>
  ((pages[group >> 8] ??= new Array(256))[group & 255] ??=
    (pages === FIRST ? '' : ':') + group.toString(16));

/** RFC 5952: lower case, no leading zeros, the longest run of at least two zero groups as `::`. */
export function formatIpv6(view: DataView, at: number): string {
  let zeros = 0;
  for (let i = 0; i < 8; i++) if (view.getUint16(at + 2 * i) === 0) zeros |= 1 << i;
  const run = (RUNS[zeros] ||= longestRun(zeros));
  // Section 5: an IPv4-mapped address is written with the dotted part.
  if (run === MAPPED && view.getUint16(at + 10) === 0xffff) {
    return `::ffff:${formatIpv4(view, at + 12)}`;
  }
  const runAt = run >> 4;
  const runEnd = run & 15;
  let text = '';
  for (let i = 0; i < 8;) {
    if (i === runAt) {
      text += runEnd === 8 ? '::' : ':';
      i = runEnd;
    } else {
      text += grouped(i === 0 ? FIRST : OTHERS, view.getUint16(at + 2 * i));
      i++;
    }
  }
  return text;
}

/**
 * By the mask of zero groups: where the run that becomes `::` begins, times 16, plus where it ends.
 */
const RUNS = new Uint8Array(256);
/** The mask of `::ffff:0:0/96`. */
const MAPPED = 0x05;
/** Beyond the last group, so it never matches. */
const NO_RUN = 0xff;

function longestRun(zeros: number): number {
  let longest = 1;
  let run = NO_RUN;
  for (let i = 0; i < 8; i++) {
    const begin = i;
    while (((zeros >> i) & 1) === 1) i++;
    if (i - begin > longest) {
      longest = i - begin;
      run = 16 * begin + i;
    }
  }
  return run;
}

/**
 * Writes `192.0.2.1` at `at`; false if the text is not an IPv4 address. Leading zeros are refused.
 */
export function parseIpv4(text: string, view: DataView, at: number): boolean {
  return parseDotted(text, 0, view, at);
}

/** Parses `text` from `from` to its end. */
function parseDotted(text: string, from: number, view: DataView, at: number): boolean {
  const { length } = text;
  let part = 0;
  let value = -1;
  for (let i = from; i <= length; i++) {
    const code = i < length ? text.charCodeAt(i) : DOT;
    const digit = code - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (value === 0) return false;
      value = value < 0 ? digit : 10 * value + digit;
      if (value > 255) return false;
    } else {
      if (code !== DOT || value < 0 || part === 4) return false;
      view.setUint8(at + part++, value);
      value = -1;
    }
  }
  return part === 4;
}

const DOT = 0x2e;
export const COLON = 0x3a;

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Writes an IPv6 address in any form of RFC 4291 at `at`; false if the text is not one. */
export function parseIpv6(text: string, view: DataView, at: number): boolean {
  const { length } = text;
  let groups = 0;
  /** The number of groups before `::`. */
  let gap = -1;
  let word = 0;
  if (text.startsWith('::')) {
    gap = 0;
    word = 2;
  }
  let value = 0;
  for (let i = word; i <= length; i++) {
    const code = i < length ? text.charCodeAt(i) : COLON;
    const digit = hexDigit(code);
    if (digit >= 0) {
      if (i - word === 4) return false;
      value = 16 * value + digit;
    } else if (code === DOT) {
      if (groups > 6 || !parseDotted(text, word, view, at + 2 * groups)) return false;
      groups += 2;
      break;
    } else {
      if (code !== COLON) return false;
      if (i === word) {
        // Empty group: only a final `::` may end like this.
        if (i < length || gap !== groups) return false;
        break;
      }
      if (groups === 8) return false;
      view.setUint16(at + 2 * groups++, value);
      value = 0;
      word = i + 1;
      if (text.charCodeAt(word) === COLON) {
        if (gap >= 0) return false;
        gap = groups;
        word = ++i + 1;
      }
    }
  }
  if (gap < 0) return groups === 8;
  if (groups === 8) return false;
  spread(view, at, gap, groups);
  return true;
}

/** Moves the groups after `::` to the end and fills the gap with zeros. */
function spread(view: DataView, at: number, gap: number, groups: number): void {
  const missing = 8 - groups;
  for (let i = groups - 1; i >= gap; i--) {
    view.setUint16(at + 2 * (i + missing), view.getUint16(at + 2 * i));
  }
  for (let i = gap; i < gap + missing; i++) view.setUint16(at + 2 * i, 0);
}
