/** Decodes a message from bytes and encodes it again; needs no kernel and runs in a browser too. */
import { annotate, decode, encode, fromHex, rtnetlink, toHex, toJson } from '../src/codec.ts';

const bytes = fromHex(`
  28 00 00 00  14 00 05 06  01 00 00 00  00 00 00 00
  02 18 00 00  02 00 00 00  08 00 02 00  c0 00 02 02
  08 00 01 00  c0 00 02 02`);
console.log(annotate(rtnetlink, bytes));
const [frame] = decode(rtnetlink, bytes);
console.log(JSON.stringify(toJson(frame), null, 2));
console.log('the same bytes again:', toHex(encode(rtnetlink, frame!)) === toHex(bytes));
