/**
 * The part of the engine that needs no socket: declaring messages, reading, writing and printing
 * them. It runs anywhere, including in a browser.
 *
 * @example
 * const [frame] = decode(rtnetlink, fromHex('1c000000 …'));
 * console.log(annotate(rtnetlink, encode(rtnetlink, frame)));
 */
export * from './codec.ts';
export * from '../constants.ts';
export { ip, ipv4, ipv6, lladdr, mac } from './address.ts';
export {
  attr,
  attrs,
  manyAttr,
  type Attr,
  type Attributes,
  type AttributeSet,
  type Selected,
  type UnknownAttrs,
  type UnknownAttrsIn,
  type Values,
  type ValuesIn,
} from './attributes.ts';
export { byKind, kinds, type Kinds } from './by-kind.ts';
export { bySelector } from './by-selector.ts';
export { fromHex, toHex, Writer } from './bytes.ts';
export { chars, embedded } from './embedded.ts';
export { enumOf, flagsOf, type Word } from './enums.ts';
export { ClosedError, CodecError, NetlinkError, type ExtendedAck } from '../../errors.ts';
export { decode, encode, type Frame } from './frame.ts';
export { growing, orBytes } from './growing.ts';
export { toJson, type Json } from './json.ts';
export { message, protocol, type AnyMessage, type Message, type Sender } from './message.ts';
export type { Protocol } from './protocol.ts';
export { numbered, type Numbered } from './numbered.ts';
export { pick, pickAttributes, type Picked, type Reader } from './pick.ts';
export { annotate, show } from './print.ts';
export { headed, records, type Headed } from './headed.ts';
export { list, packed } from './list.ts';
export { lazy, nested } from './nested.ts';
export { struct, type Fields, type Struct } from './struct.ts';
export { uuid } from './uuid.ts';
export { wideEnumOf, wideFlagsOf } from './wide-enums.ts';
