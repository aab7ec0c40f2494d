/**
 * Declares a family of generic netlink: its messages, by command, behind `struct genlmsghdr`.
 *
 * include/uapi/linux/genetlink.h. The id of a family is assigned when it is registered, so a
 * declaration has none; `Genl.open` asks for it.
 */
import { checkArguments } from '../netlink/codec/arguments.ts';
import type { AttributeSet, Attributes } from '../netlink/codec/attributes.ts';
import { u16, u8 } from '../netlink/codec/codec.ts';
import { enumOf, type Word } from '../netlink/codec/enums.ts';
import { message, type Message, type Sender } from '../netlink/codec/message.ts';
import { struct, type Fields, type Struct } from '../netlink/codec/struct.ts';
import { CodecError } from '../errors.ts';

/** A message of a family; `types` are its commands. */
export interface GenlMessage<T, I, C extends string> extends Message<T, I> {
  readonly types: Readonly<Record<C, number>>;
}

export type AnyGenlMessage = GenlMessage<any, any, any>;

/** The header of the messages with these commands. */
export interface GenlHead<C extends string> {
  cmd: Word<C>;
  version: number;
}

/**
 * Declares the messages that have the same attributes, with their commands by their kernel names.
 *
 * @throws CodecError for arguments of the wrong type
 *
 * @example
 * const types = { TASKSTATS_CMD_GET: 1 };
 * const taskQuery = genlMessage('task-query', types, query, { doc: 'Asks for a task.' });
 */
export const genlMessage = <const C extends string, A, AI>(
  name: string,
  commands: Readonly<Record<C, number>>,
  body: AttributeSet<A, AI, Attributes>,
  options: {
    readonly doc: string;
    /** Whose messages these are, if requests and answers share their numbers. */
    readonly sender?: Sender;
    /** The family's own fields after `struct genlmsghdr`. */
    readonly header?: Fields;
    /** What a message is about, for errors. */
    readonly subject?: (value: { attrs?: AI | undefined }) => string | undefined;
  },
): GenlMessage<
  GenlHead<C> & { attrs: A },
  Partial<GenlHead<C>> & { attrs?: AI | undefined },
  C
> => {
  checkArguments('genlMessage', 'name: string, commands: object, body: object, options: object', [
    name,
    commands,
    body,
    options,
  ]);
  const { header = {}, ...rest } = options;
  const fields = { cmd: enumOf(u8, commands), version: u8, _reserved: u16, ...header };
  const head = struct('genlmsghdr', fields) as Struct<any, any>;
  return message(name, commands, head, body, rest) as unknown as GenlMessage<any, any, C>;
};

/** A declared family. `M` are its messages. */
export interface GenlFamily<M extends AnyGenlMessage = AnyGenlMessage> {
  /** The kernel's name: `taskstats`. */
  readonly name: string;
  readonly version: number;
  /** The module that registers the family, if its name differs. */
  readonly module: string | undefined;
  readonly messages: readonly M[];
}

/**
 * Declares a family.
 *
 * @throws CodecError for a name that the kernel could not have
 *
 * @example
 * const taskstats = genlFamily('TASKSTATS', { version: 1, messages: [taskQuery, taskstats] });
 */
export function genlFamily<const M extends AnyGenlMessage>(
  name: string,
  options: {
    readonly version: number;
    readonly module?: string | undefined;
    readonly messages: readonly M[];
  },
): GenlFamily<M> {
  // GENL_NAMSIZ is 16, with the NUL.
  if (typeof name !== 'string' || name === '' || name.length > 15) {
    throw new CodecError(`genlFamily: name must be text of 1 to 15 bytes`);
  }
  if (!Array.isArray(options?.messages)) {
    throw new CodecError('genlFamily: options.messages must be an array');
  }
  const { version, module, messages } = options;
  return { name, version, module, messages };
}
