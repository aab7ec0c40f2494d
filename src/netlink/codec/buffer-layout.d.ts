/** Types for the part of buffer-layout that is used here; the package ships none. */
declare module 'buffer-layout' {
  export class Layout<T> {
    readonly span: number;
    readonly property: string;
    constructor(span: number, property?: string);
  }
  export class UInt extends Layout<number> {}
  export class UIntBE extends Layout<number> {}
  export class Int extends Layout<number> {}
  export class IntBE extends Layout<number> {}
  export class Blob extends Layout<Uint8Array> {}
  export class Structure extends Layout<object> {
    readonly fields: readonly Layout<unknown>[];
    /** The offset of a field from the start of the structure. */
    offsetOf(property: string): number | undefined;
  }
  export function u8(property?: string): UInt;
  export function u16(property?: string): UInt;
  export function u32(property?: string): UInt;
  export function u16be(property?: string): UIntBE;
  export function u32be(property?: string): UIntBE;
  export function s8(property?: string): Int;
  export function s16(property?: string): Int;
  export function s32(property?: string): Int;
  export function s16be(property?: string): IntBE;
  export function s32be(property?: string): IntBE;
  export function blob(length: number, property?: string): Blob;
  export function struct(fields: readonly Layout<unknown>[], property?: string): Structure;
}
