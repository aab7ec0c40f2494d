/** This library, on whatever runtime runs this file. */
import {
  attrs,
  type Attr,
  type Attributes,
  type AttributeSet,
} from '../../src/netlink/codec/attributes.ts';
import { bytesOf, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import { bytes, type Codec } from '../../src/netlink/codec/codec.ts';
import { NLMSG_HDRLEN } from '../../src/netlink/constants.ts';
import { decode } from '../../src/netlink/codec/frame.ts';
import { putFrame } from '../../src/netlink/codec/datagram.ts';
import { pick, pickAttributes, type Reader } from '../../src/netlink/codec/pick.ts';
import { headed } from '../../src/netlink/codec/headed.ts';
import { ifla, link } from '../../src/rtnl/link/message.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { filter } from '../../src/tc/filter/message.ts';
import { best, COLUMNS, corpus, count, flowers, TYPES, type Figures } from './corpus.ts';

function readAll(view: DataView, message: Reader<unknown>): unknown[] {
  const values: unknown[] = [];
  for (let at = 0; at < view.byteLength;) {
    const length = view.getUint32(at, true);
    values.push(message.get(view, at + NLMSG_HDRLEN, at + length));
    at += (length + 3) & ~3;
  }
  return values;
}

/** What a list of links shows. */
const names = pick(link, ['ifname', 'mtu', 'operstate']);

/** Bytes as npm `netlink` returns them: a view of the datagram, where this library makes a copy. */
const uncopied: Codec<Uint8Array> = { ...bytes, get: bytesOf };

/**
 * What npm `netlink` reads of a link: attributes up to `IFLA_PERM_ADDRESS`, with bytes as the
 * content of two of them.
 */
function asNetlinkGives(): Reader<unknown> {
  const { linkinfo, afSpec, ...others } = ifla.attributes;
  const { inet, inet6 } = (afSpec.codec as AttributeSet<any, any, Record<'inet' | 'inet6', Attr>>)
    .attributes;
  const families = attrs({
    inet: { ...inet, codec: uncopied },
    inet6: { ...inet6, codec: uncopied },
  });
  const attributes: Attributes = {
    ...others,
    linkinfo: { ...linkinfo, codec: uncopied },
    afSpec: { ...afSpec, codec: families },
  };
  const keys = Object.keys(attributes).filter((key) => attributes[key]!.id <= IFLA_PERM_ADDRESS);
  return headed(link.head, pickAttributes({ attributes }, keys) as Codec<object>);
}
const IFLA_PERM_ADDRESS = 54;

const figures: Figures = {};
for (const column of COLUMNS) {
  const type = TYPES[column];
  const message = rtnetlink.find(type, undefined)!;
  const messages = corpus(column);
  const view = viewOf(messages);
  const total = count(messages);
  figures[`decode ${column}`] = best(total, () => readAll(view, message));
  // Headers in words, and a declaration looked up for each message.
  figures[`datagram ${column}`] = best(total, () => decode(rtnetlink, messages));
  if (column === 'link') {
    const like = asNetlinkGives();
    figures['link like npm'] = best(total, () => readAll(view, like));
    figures['link in part'] = best(total, () => readAll(view, names));
  }
  const values = readAll(view, message);
  const writer = new Writer(2 * messages.length);
  figures[`encode ${column}`] = best(total, () => {
    writer.at = 0;
    for (const value of values) {
      putFrame(writer, { type, flags: 2, seq: 1 }, () => message.put(writer, value));
    }
  });
}
const filters = flowers();
figures['decode flower'] = best(count(filters), () => readAll(viewOf(filters), filter));
console.log(JSON.stringify(figures));
