/** This library, on whatever runtime runs this file. */
import { viewOf, Writer } from '../../src/netlink/bytes.ts';
import { NLMSG_HDRLEN } from '../../src/netlink/constants.ts';
import { decode } from '../../src/netlink/frame.ts';
import { putFrame } from '../../src/netlink/datagram.ts';
import type { AnyMessage } from '../../src/netlink/message.ts';
import { rtnetlink } from '../../src/rtnl/protocol.ts';
import { best, COLUMNS, corpus, count, TYPES, type Figures } from './corpus.ts';

function readAll(view: DataView, message: AnyMessage): unknown[] {
  const values: unknown[] = [];
  for (let at = 0; at < view.byteLength;) {
    const length = view.getUint32(at, true);
    values.push(message.get(view, at + NLMSG_HDRLEN, at + length));
    at += (length + 3) & ~3;
  }
  return values;
}

const figures: Figures = {};
for (const column of COLUMNS) {
  const type = TYPES[column];
  const message = rtnetlink.find(type, undefined)!;
  const messages = corpus(column);
  const view = viewOf(messages);
  const total = count(messages);
  figures[`decode ${column}`] = best(total, () => readAll(view, message));
  // Headers in words, and the declaration looked up for each message.
  figures[`datagram ${column}`] = best(total, () => decode(rtnetlink, messages));
  const values = readAll(view, message);
  const writer = new Writer(2 * messages.length);
  figures[`encode ${column}`] = best(total, () => {
    writer.at = 0;
    for (const value of values) {
      putFrame(writer, { type, flags: 2, seq: 1 }, () => message.put(writer, value));
    }
  });
}
console.log(JSON.stringify(figures));
