/**
 * SHA-512, FIPS 180-4, for names that contain a digest. It is implemented here because loading a
 * runtime's own implementation takes longer than computing the digest.
 *
 * JavaScript has no fast 64-bit integers, so each word is two halves of 32 bits, the high one
 * first.
 */

/** The first 64 bits of the fractional parts of the cube roots of the first eighty primes. */
// prettier-ignore
const K = [
  0x428a2f98, 0xd728ae22, 0x71374491, 0x23ef65cd, 0xb5c0fbcf, 0xec4d3b2f, 0xe9b5dba5, 0x8189dbbc,
  0x3956c25b, 0xf348b538, 0x59f111f1, 0xb605d019, 0x923f82a4, 0xaf194f9b, 0xab1c5ed5, 0xda6d8118,
  0xd807aa98, 0xa3030242, 0x12835b01, 0x45706fbe, 0x243185be, 0x4ee4b28c, 0x550c7dc3, 0xd5ffb4e2,
  0x72be5d74, 0xf27b896f, 0x80deb1fe, 0x3b1696b1, 0x9bdc06a7, 0x25c71235, 0xc19bf174, 0xcf692694,
  0xe49b69c1, 0x9ef14ad2, 0xefbe4786, 0x384f25e3, 0x0fc19dc6, 0x8b8cd5b5, 0x240ca1cc, 0x77ac9c65,
  0x2de92c6f, 0x592b0275, 0x4a7484aa, 0x6ea6e483, 0x5cb0a9dc, 0xbd41fbd4, 0x76f988da, 0x831153b5,
  0x983e5152, 0xee66dfab, 0xa831c66d, 0x2db43210, 0xb00327c8, 0x98fb213f, 0xbf597fc7, 0xbeef0ee4,
  0xc6e00bf3, 0x3da88fc2, 0xd5a79147, 0x930aa725, 0x06ca6351, 0xe003826f, 0x14292967, 0x0a0e6e70,
  0x27b70a85, 0x46d22ffc, 0x2e1b2138, 0x5c26c926, 0x4d2c6dfc, 0x5ac42aed, 0x53380d13, 0x9d95b3df,
  0x650a7354, 0x8baf63de, 0x766a0abb, 0x3c77b2a8, 0x81c2c92e, 0x47edaee6, 0x92722c85, 0x1482353b,
  0xa2bfe8a1, 0x4cf10364, 0xa81a664b, 0xbc423001, 0xc24b8b70, 0xd0f89791, 0xc76c51a3, 0x0654be30,
  0xd192e819, 0xd6ef5218, 0xd6990624, 0x5565a910, 0xf40e3585, 0x5771202a, 0x106aa070, 0x32bbd1b8,
  0x19a4c116, 0xb8d2d0c8, 0x1e376c08, 0x5141ab53, 0x2748774c, 0xdf8eeb99, 0x34b0bcb5, 0xe19b48a8,
  0x391c0cb3, 0xc5c95a63, 0x4ed8aa4a, 0xe3418acb, 0x5b9cca4f, 0x7763e373, 0x682e6ff3, 0xd6b2b8a3,
  0x748f82ee, 0x5defb2fc, 0x78a5636f, 0x43172f60, 0x84c87814, 0xa1f0ab72, 0x8cc70208, 0x1a6439ec,
  0x90befffa, 0x23631e28, 0xa4506ceb, 0xde82bde9, 0xbef9a3f7, 0xb2c67915, 0xc67178f2, 0xe372532b,
  0xca273ece, 0xea26619c, 0xd186b8c7, 0x21c0c207, 0xeada7dd6, 0xcde0eb1e, 0xf57d4f7f, 0xee6ed178,
  0x06f067aa, 0x72176fba, 0x0a637dc5, 0xa2c898a6, 0x113f9804, 0xbef90dae, 0x1b710b35, 0x131c471b,
  0x28db77f5, 0x23047d84, 0x32caab7b, 0x40c72493, 0x3c9ebe0a, 0x15c9bebc, 0x431d67c4, 0x9c100d4c,
  0x4cc5d4be, 0xcb3e42b6, 0x597f299c, 0xfc657e2a, 0x5fcb6fab, 0x3ad6faec, 0x6c44198c, 0x4a475817,
];

/** The first 64 bits of the fractional parts of the square roots of the first eight primes. */
// prettier-ignore
const START = [
  0x6a09e667, 0xf3bcc908, 0xbb67ae85, 0x84caa73b, 0x3c6ef372, 0xfe94f82b, 0xa54ff53a, 0x5f1d36f1,
  0x510e527f, 0xade682d1, 0x9b05688c, 0x2b3e6c1f, 0x1f83d9ab, 0xfb41bd6b, 0x5be0cd19, 0x137e2179,
];

const BLOCK = 128;

/** The digest of the text's UTF-8 bytes, as 128 hexadecimal digits. */
export function sha512(text: string): string {
  const bytes = new TextEncoder().encode(text);
  // Padding: a one bit, zeros, and at the end of the last block the length in bits.
  const blocks = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 17) / BLOCK) * BLOCK));
  new Uint8Array(blocks.buffer).set(bytes);
  blocks.setUint8(bytes.length, 0x80);
  blocks.setUint32(blocks.byteLength - 8, Math.floor(bytes.length / 0x2000_0000));
  blocks.setUint32(blocks.byteLength - 4, bytes.length << 3);

  const state = Int32Array.from(START);
  const schedule = new Int32Array(160);
  for (let at = 0; at < blocks.byteLength; at += BLOCK) {
    expand(schedule, blocks, at);
    compress(state, schedule);
  }
  let hex = '';
  for (const word of state) hex += (word >>> 0).toString(16).padStart(8, '0');
  return hex;
}

/** The carry of a sum of low halves. */
const CARRY = 0x1_0000_0000;

/** The message schedule: the block as the first sixteen words, and the words computed from them. */
function expand(w: Int32Array, blocks: DataView, at: number): void {
  for (let i = 0; i < 32; i++) w[i] = blocks.getInt32(at + 4 * i);
  for (let i = 32; i < 160; i += 2) {
    const h0 = w[i - 30]!;
    const l0 = w[i - 29]!;
    const h1 = w[i - 4]!;
    const l1 = w[i - 3]!;
    // σ0: rotated right by 1 and by 8, shifted right by 7.
    const s0h = ((h0 >>> 1) | (l0 << 31)) ^ ((h0 >>> 8) | (l0 << 24)) ^ (h0 >>> 7);
    const s0l = ((l0 >>> 1) | (h0 << 31)) ^ ((l0 >>> 8) | (h0 << 24)) ^ ((l0 >>> 7) | (h0 << 25));
    // σ1: rotated right by 19 and by 61, shifted right by 6.
    const s1h = ((h1 >>> 19) | (l1 << 13)) ^ ((h1 << 3) | (l1 >>> 29)) ^ (h1 >>> 6);
    const s1l = ((l1 >>> 19) | (h1 << 13)) ^ ((l1 << 3) | (h1 >>> 29)) ^ ((l1 >>> 6) | (h1 << 26));
    const low = (s0l >>> 0) + (s1l >>> 0) + (w[i - 31]! >>> 0) + (w[i - 13]! >>> 0);
    w[i + 1] = low;
    w[i] = s0h + s1h + w[i - 32]! + w[i - 14]! + Math.floor(low / CARRY);
  }
}

/** Eighty rounds. */
function compress(state: Int32Array, w: Int32Array): void {
  let [ah, al, bh, bl, ch, cl, dh, dl, eh, el, fh, fl, gh, gl, hh, hl] = state as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  for (let i = 0; i < 160; i += 2) {
    // Σ1 of e: rotated right by 14, 18 and 41.
    const s1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23));
    const s1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23));
    const chooseHigh = (eh & fh) ^ (~eh & gh);
    const chooseLow = (el & fl) ^ (~el & gl);
    const low = (hl >>> 0) + (s1l >>> 0) + (chooseLow >>> 0) + K[i + 1]! + (w[i + 1]! >>> 0);
    const t1h = (hh + s1h + chooseHigh + K[i]! + w[i]! + Math.floor(low / CARRY)) | 0;
    const t1l = low | 0;
    // Σ0 of a: rotated right by 28, 34 and 39.
    const s0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25));
    const s0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25));
    const mostHigh = (ah & bh) ^ (ah & ch) ^ (bh & ch);
    const mostLow = (al & bl) ^ (al & cl) ^ (bl & cl);
    const low2 = (s0l >>> 0) + (mostLow >>> 0) + (t1l >>> 0);
    const lowE = (dl >>> 0) + (t1l >>> 0);
    hh = gh;
    hl = gl;
    gh = fh;
    gl = fl;
    fh = eh;
    fl = el;
    eh = (dh + t1h + Math.floor(lowE / CARRY)) | 0;
    el = lowE | 0;
    dh = ch;
    dl = cl;
    ch = bh;
    cl = bl;
    bh = ah;
    bl = al;
    ah = (s0h + mostHigh + t1h + Math.floor(low2 / CARRY)) | 0;
    al = low2 | 0;
  }
  const rounds = [ah, al, bh, bl, ch, cl, dh, dl, eh, el, fh, fl, gh, gl, hh, hl];
  for (let i = 0; i < 16; i += 2) {
    const low = (state[i + 1]! >>> 0) + (rounds[i + 1]! >>> 0);
    state[i + 1] = low;
    state[i] = state[i]! + rounds[i]! + Math.floor(low / CARRY);
  }
}
