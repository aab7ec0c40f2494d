/**
 * Messages: a header struct, an attribute set and the message types that carry them, in one
 * declaration.
 */
import { readDeclaredAck } from './ack.ts';
import type { AttributeSet, Attributes } from './attributes.ts';
import type { Writer } from './bytes.ts';
import { CodecError } from '../../errors.ts';
import { protocolOf, type Protocol } from './protocol.ts';
import { HeadedCodec, type Headed } from './headed.ts';
import type { Struct } from './struct.ts';

export interface Message<T, I> extends Headed<T, I> {
  readonly kind: 'message';
  /** A noun: `addr`. */
  readonly name: string;
  readonly doc: string;
  /** The kernel names of the message types, with their numbers. */
  readonly types: Readonly<Record<string, number>>;
  /** The address family in the first header byte, for types whose attributes depend on it. */
  readonly family: number | undefined;
  /** The sender, for types whose requests have other attributes than the kernel's messages. */
  readonly sender: Sender | undefined;
  readonly head: Struct<any, any>;
  readonly body: AttributeSet<any, any>;
  /** What a message is about, for errors: an interface name, an address. */
  subject(value: I): string | undefined;
}

export type Sender = 'kernel' | 'user';

export type AnyMessage = Message<any, any>;

/**
 * Declares a message.
 *
 * @example
 * const types = { RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR };
 * const addr = message('addr', types, ifaddrmsg, ifa, { doc: 'An address of an interface.' });
 */
export function message<H extends object, HI, A, AI>(
  name: string,
  types: Readonly<Record<string, number>>,
  head: Struct<H, HI>,
  body: AttributeSet<A, AI, Attributes>,
  options: {
    doc: string;
    family?: number;
    sender?: Sender;
    /** `AF_*` of the addresses inside, if it is not the family in the header. */
    addressFamily?: (value: Omit<HI, 'rest'> & { attrs?: AI | undefined }) => number | undefined;
    subject?: (value: Omit<HI, 'rest'> & { attrs?: AI | undefined }) => string | undefined;
  },
): Message<Omit<H, 'rest'> & { attrs: A }, Omit<HI, 'rest'> & { attrs?: AI | undefined }> {
  return new MessageCodec(name, types, head, body, options) as unknown as Message<any, any>;
}

interface Options {
  readonly doc: string;
  readonly family?: number;
  readonly sender?: Sender;
  readonly addressFamily?: (value: any) => number | undefined;
  readonly subject?: (value: any) => string | undefined;
}

class MessageCodec extends HeadedCodec {
  declare readonly name: string;
  declare readonly types: Readonly<Record<string, number>>;
  declare readonly options: Options;

  constructor(
    name: string,
    types: Readonly<Record<string, number>>,
    head: Struct<any, any>,
    body: AttributeSet<any, any>,
    options: Options,
  ) {
    super(head, body);
    this.name = name;
    this.types = types;
    this.options = options;
  }

  get kind(): 'message' {
    return 'message';
  }

  override get type(): string {
    return `message ${this.name}`;
  }

  get doc(): string {
    return this.options.doc;
  }

  get family(): number | undefined {
    return this.options.family;
  }

  get sender(): Sender | undefined {
    return this.options.sender;
  }

  override addressFamily(writer: Writer, at: number, value: object): number | undefined {
    const { addressFamily } = this.options;
    return addressFamily === undefined
      ? super.addressFamily(writer, at, value)
      : addressFamily(value);
  }

  subject(value: unknown): string | undefined {
    return this.options.subject?.(value) || undefined;
  }
}

/** All declared messages of one netlink protocol. */
export const protocol = (name: string, number: number, messages: readonly AnyMessage[]): Protocol =>
  protocolOf(name, number, messages, readDeclaredAck);

/** The number of a type given by its kernel name. */
export function typeNumber(declared: AnyMessage, name: string): number {
  const number = declared.types[name];
  if (number === undefined) throw new CodecError(`${declared.name} has no type ${name}`);
  return number;
}
