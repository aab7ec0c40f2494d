/**
 * What a health reporter has to say: a stream of attributes, in which the begin and the end of
 * objects and lists, names and values follow each other.
 *
 * include/uapi/linux/devlink.h, `DEVLINK_ATTR_FMSG_*`; net/devlink/health.c.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import {
  bytes,
  cstr,
  flag,
  type Codec,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { checkList } from '../../netlink/codec/given.ts';
import { eachAttribute } from '../../netlink/codec/nlattr.ts';
import { valueType } from '../declare.ts';
import { valueOf, type DevlinkValue } from '../value.ts';

export const fmsgAttrs = attrs({
  fmsgObjNestStart: attr('DEVLINK_ATTR_FMSG_OBJ_NEST_START', 107, flag, 'begin of an object'),
  fmsgPairNestStart: attr(
    'DEVLINK_ATTR_FMSG_PAIR_NEST_START',
    108,
    flag,
    'begin of a name and its value',
  ),
  fmsgArrNestStart: attr('DEVLINK_ATTR_FMSG_ARR_NEST_START', 109, flag, 'begin of a list'),
  fmsgNestEnd: attr('DEVLINK_ATTR_FMSG_NEST_END', 110, flag, 'end of what began last'),
  fmsgObjName: attr('DEVLINK_ATTR_FMSG_OBJ_NAME', 111, cstr, 'name of a value'),
  fmsgObjValueType: attr(
    'DEVLINK_ATTR_FMSG_OBJ_VALUE_TYPE',
    112,
    valueType,
    'type of the next value',
  ),
  fmsgObjValueData: attr('DEVLINK_ATTR_FMSG_OBJ_VALUE_DATA', 113, bytes, 'a value'),
});

/** One attribute of the stream. */
export type FmsgItem = Static<typeof fmsgAttrs>;
export type FmsgItemInput = Input<typeof fmsgAttrs>;

/** The stream in order: a set could not tell it. */
export const fmsg: Codec<FmsgItem[], readonly FmsgItemInput[]> = {
  type: 'stream of attributes',
  get(view, at, end) {
    const items: FmsgItem[] = [];
    eachAttribute(view, at, end, (start, stop) => items.push(fmsgAttrs.get(view, start, stop)));
    return items;
  },
  put(writer, items) {
    checkList(items);
    for (const item of items) {
      fmsgAttrs.put(writer, item);
      writer.pad();
    }
  },
  show: (items) => items.map((item) => fmsgAttrs.show(item)).join(' '),
  walk(view, at, end, visit, depth) {
    eachAttribute(view, at, end, (start, stop) => fmsgAttrs.walk(view, start, stop, visit, depth));
  },
  inner: () => [{ codec: fmsgAttrs }],
};

/** The value of a stream: objects, lists and values inside each other. */
export type FmsgValue =
  DevlinkValue | undefined | readonly FmsgValue[] | { readonly [name: string]: FmsgValue };

/** A list of bytes is one value, which the kernel divides. */
const listOf = (values: FmsgValue[]): FmsgValue =>
  values.length > 0 && values.every((each) => each instanceof Uint8Array)
    ? Uint8Array.from(values.flatMap((each) => [...each]))
    : values;

/**
 * Reads the value of a stream. A pair is a key of the object around it.
 *
 * @throws CodecError for a value whose bytes do not fit its type
 */
export const fmsgValue = checkedFunction('fmsgValue', 'items: array', valueOfStream);

function valueOfStream(items: readonly FmsgItem[]): FmsgValue {
  let next = 0;
  /** The values up to the end of what began last. */
  function values(): FmsgValue[] {
    const found: FmsgValue[] = [];
    while (next < items.length) {
      const item = items[next++]!;
      if (item.fmsgNestEnd) break;
      else if (item.fmsgArrNestStart) found.push(listOf(values()));
      else if (item.fmsgObjNestStart) found.push(Object.assign({}, ...values()));
      else if (item.fmsgPairNestStart) found.push(pair());
      else if (item.fmsgObjValueType !== undefined) {
        const data = items[next]?.fmsgObjValueData;
        if (data !== undefined) next++;
        found.push(data === undefined ? undefined : valueOf(item.fmsgObjValueType, data));
      }
    }
    return found;
  }
  function pair(): FmsgValue {
    const name = items[next]?.fmsgObjName ?? '';
    if (items[next]?.fmsgObjName !== undefined) next++;
    const found = values();
    return { [name]: found.length === 1 ? found[0] : found };
  }
  const found = values();
  return found.length === 1 ? found[0] : found;
}
