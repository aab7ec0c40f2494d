/**
 * Messages: a header struct, an attribute set and the type numbers that carry them, in one declaration; and a
 * protocol, which is all messages of one netlink family.
 */
import type { AttributeSet, Attributes } from './attributes.ts';
import { NLM_F_REQUEST } from './constants.ts';
import { CodecError } from './errors.ts';
import { HeadedCodec, type Headed } from './sequences.ts';
import type { Struct } from './struct.ts';

export interface Message<T, I> extends Headed<T, I> {
  readonly kind: 'message';
  /** A noun: `addr`. */
  readonly name: string;
  readonly doc: string;
  /** Kernel names of the types and their numbers. */
  readonly types: Readonly<Record<string, number>>;
  /** The address family in the first header byte, for types that carry another set there. */
  readonly family: number | undefined;
  /** Who sends it, for types whose requests carry another set than what the kernel sends. */
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
 * @example const addr = message('addr', { RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR }, ifaddrmsg, ifa, { doc: 'An address of an interface.' });
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
    subject?: (value: Omit<HI, 'rest'> & { attrs?: AI | undefined }) => string | undefined;
  },
): Message<Omit<H, 'rest'> & { attrs: A }, Omit<HI, 'rest'> & { attrs?: AI | undefined }> {
  return new MessageCodec(name, types, head, body, options) as unknown as Message<any, any>;
}

interface Options {
  readonly doc: string;
  readonly family?: number;
  readonly sender?: Sender;
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

  subject(value: unknown): string | undefined {
    return this.options.subject?.(value);
  }
}

/** All messages of one netlink protocol. */
export interface Protocol {
  /** `NETLINK_ROUTE` */
  readonly name: string;
  readonly number: number;
  readonly messages: readonly AnyMessage[];
  /**
   * The declaration that reads this type; the first payload byte decides between families, `NLM_F_REQUEST` between
   * senders.
   */
  find(type: number, family: number | undefined, flags?: number): AnyMessage | undefined;
  /** `RTM_NEWLINK` for 16, `type 999` for a stranger. */
  typeName(type: number): string;
  /** 16 for `RTM_NEWLINK`. */
  typeNumber(name: string): number | undefined;
}

export const protocol = (name: string, number: number, messages: readonly AnyMessage[]): Protocol =>
  new Declared(name, number, messages);

class Declared implements Protocol {
  declare readonly name: string;
  declare readonly number: number;
  declare readonly messages: readonly AnyMessage[];
  declare byType: Map<number, Candidates> | undefined;
  declare byName: Map<string, number> | undefined;

  constructor(name: string, number: number, messages: readonly AnyMessage[]) {
    this.name = name;
    this.number = number;
    this.messages = messages;
    this.byType = undefined;
    this.byName = undefined;
  }

  find(type: number, family: number | undefined, flags = 0): AnyMessage | undefined {
    const found = (this.byType ??= candidates(this.messages)).get(type);
    if (found === undefined) return undefined;
    const { messages, families } = found;
    if (messages.length === 1) return messages[0];
    if (families !== undefined) {
      return (family === undefined ? undefined : families[family]) ?? found.general;
    }
    const sender = (flags & NLM_F_REQUEST) === 0 ? 'kernel' : 'user';
    const possible = messages.filter((each) => (each.sender ?? sender) === sender);
    return (
      possible.find((each) => each.family === family) ??
      possible.find((each) => each.family === undefined)
    );
  }

  typeName(type: number): string {
    return (this.byType ??= candidates(this.messages)).get(type)?.name ?? `type ${type}`;
  }

  typeNumber(name: string): number | undefined {
    return (this.byName ??= numbers(this.messages)).get(name);
  }
}

/** The messages that a type may be, and its kernel name. */
interface Candidates {
  readonly name: string;
  readonly messages: AnyMessage[];
  /** Unless the sender decides: by address family, and for all others. */
  families: (AnyMessage | undefined)[] | undefined;
  general: AnyMessage | undefined;
}

function candidates(messages: readonly AnyMessage[]): Map<number, Candidates> {
  const byType = new Map<number, Candidates>();
  for (const declared of messages) {
    for (const name in declared.types) {
      const type = declared.types[name]!;
      let found = byType.get(type);
      if (found === undefined) {
        byType.set(type, (found = { name, messages: [], families: [], general: undefined }));
      }
      found.messages.push(declared);
      const { family, sender } = declared;
      if (sender !== undefined) found.families = undefined;
      else if (family === undefined) found.general ??= declared;
      else if (found.families !== undefined) found.families[family] ??= declared;
    }
  }
  return byType;
}

function numbers(messages: readonly AnyMessage[]): Map<string, number> {
  return new Map(messages.flatMap(({ types }) => Object.entries(types)));
}

/** The number of a type given by its kernel name. */
export function typeNumber(declared: AnyMessage, name: string): number {
  const number = declared.types[name];
  if (number === undefined) throw new CodecError(`${declared.name} has no type ${name}`);
  return number;
}
