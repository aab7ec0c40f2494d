/**
 * Types that a program's own declarations must be able to name when it exports values of this
 * library. Every entry point exports them.
 */
export type {
  Attr,
  AttributeSet,
  Attributes,
  UnknownAttrs,
  UnknownAttrsIn,
  Values,
  ValuesIn,
} from './codec/attributes.ts';
export type { BigInput, Codec, Input, Static } from './codec/codec.ts';
export type {
  Answer,
  CallOptions,
  Connection,
  ConnectionOptions,
  DumpIterator,
  Request,
} from './connection.ts';
export type { Word } from './codec/enums.ts';
export type { Monitor } from './monitor.ts';
export type { Picked, Reader } from './codec/pick.ts';
export type { Namespace } from './namespace.ts';
