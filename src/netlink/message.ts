/**
 * Messages: a header struct, an attribute set and the type numbers that carry them, in one declaration; and a
 * protocol, which is all messages of one netlink family.
 */
import type { AttributeSet, Attributes } from './attributes.ts';
import { NLM_F_REQUEST } from './constants.ts';
import { CodecError } from './errors.ts';
import { headed, type Headed } from './sequences.ts';
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
  return {
    ...headed(head, body),
    kind: 'message',
    type: `message ${name}`,
    name,
    doc: options.doc,
    types,
    family: options.family,
    sender: options.sender,
    head,
    body,
    subject: options.subject ?? (() => undefined),
  };
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
}

export function protocol(name: string, number: number, messages: readonly AnyMessage[]): Protocol {
  const byType = new Map<number, AnyMessage[]>();
  const names = new Map<number, string>();
  for (const declared of messages) {
    for (const [typeName, type] of Object.entries(declared.types)) {
      names.set(type, typeName);
      byType.set(type, [...(byType.get(type) ?? []), declared]);
    }
  }
  return {
    name,
    number,
    messages,
    find(type, family, flags = 0) {
      const candidates = byType.get(type);
      if (candidates === undefined || candidates.length === 1) return candidates?.[0];
      const sender = (flags & NLM_F_REQUEST) === 0 ? 'kernel' : 'user';
      const possible = candidates.filter((each) => (each.sender ?? sender) === sender);
      return (
        possible.find((candidate) => candidate.family === family) ??
        possible.find((candidate) => candidate.family === undefined)
      );
    },
    typeName: (type) => names.get(type) ?? `type ${type}`,
  };
}

/** The number of a type given by its kernel name. */
export function typeNumber(declared: AnyMessage, name: string): number {
  const number = declared.types[name];
  if (number === undefined) throw new CodecError(`${declared.name} has no type ${name}`);
  return number;
}
